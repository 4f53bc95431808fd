public import DescentCore

/// What to do about names that only a model or only a file has.
public enum LoadVerification: Sendable, Hashable {
  /// They are errors.
  case strict
  /// They are left alone. Shapes must agree all the same.
  case lenient
}

/// Values that do not belong to a model: every name at once.
public struct ModuleLoadError: Error, Equatable, Sendable, CustomStringConvertible {
  public struct Misshapen: Equatable, Sendable {
    public let path: String
    public let expected: [Int]
    public let found: [Int]
  }

  /// Names the model has and the values have not.
  public let missing: [String]
  /// Names the values have and the model has not.
  public let extra: [String]
  public let misshapen: [Misshapen]

  public var description: String {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing \(missing.joined(separator: ", "))") }
    if !extra.isEmpty { parts.append("not in the model \(extra.joined(separator: ", "))") }
    for one in misshapen {
      parts.append("\(one.path) has shape \(text(one.found)), expected \(text(one.expected))")
    }
    return "The values do not fit the model: " + parts.joined(separator: "; ") + "."
  }
}

extension Module {
  /// Sets parameters and buffers by path; nothing changes unless everything fits. Elements are converted to the type
  /// the model has. A tied tensor may come under any of its paths.
  public func load(_ values: ModuleValues, verify: LoadVerification = .strict) throws(ModuleLoadError) {
    let entries = ParameterTree(self).entries
    var missing: [String] = []
    var misshapen: [ModuleLoadError.Misshapen] = []
    var found: [(storage: TensorStorage, value: Tensor)] = []
    for entry in entries {
      guard let path = entry.paths.first(where: { values[$0] != nil }), let value = values[path] else {
        missing.append(entry.path)
        continue
      }
      let shape = entry.storage.shape
      if value.shape == shape {
        found.append((entry.storage, value))
      } else {
        misshapen.append(ModuleLoadError.Misshapen(path: path, expected: shape, found: value.shape))
      }
    }
    let known = Set(entries.flatMap(\.paths))
    let extra = values.paths.filter { !known.contains($0) }
    if !misshapen.isEmpty || verify == .strict && !(missing.isEmpty && extra.isEmpty) {
      let isStrict = verify == .strict
      throw ModuleLoadError(missing: isStrict ? missing : [], extra: isStrict ? extra : [], misshapen: misshapen)
    }
    for (storage, value) in found { storage.stored = value }
  }

  /// All parameters and buffers as they are now. Weights that are being trained are copied.
  public func snapshot() -> ModuleValues {
    ModuleValues(ParameterTree(self).entries.map { ($0.path, $0.storage.stored) })
  }

  /// Goes back to a snapshot of this model, or of one made the same way.
  public func restore(_ snapshot: ModuleValues) {
    do {
      try load(snapshot)
    } catch {
      fatalError("restore: the snapshot is of another model. \(error)")
    }
  }

  /// Converts all parameters and buffers that hold real numbers, for example to float64 for a gradient check.
  public func convert(to dtype: DType) {
    for entry in ParameterTree(self).entries where entry.storage.dtype.isFloat { entry.storage.convert(to: dtype) }
  }
}
