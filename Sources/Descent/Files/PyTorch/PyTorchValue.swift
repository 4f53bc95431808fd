public import DescentCore

/// What `torch.save` was given: a tensor, or containers of tensors and what belongs to them.
public enum PyTorchValue: Sendable {
  case none
  case truth(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case tensor(Tensor)
  /// The elements of a list or a tuple; the extents of a `torch.Size`.
  case list([PyTorchValue])
  /// In the order of the file; keys that are whole numbers are written as such, `0`.
  case dictionary([(key: String, value: PyTorchValue)])

  /// The value under a key of a dictionary.
  public subscript(key: String) -> PyTorchValue? {
    guard case .dictionary(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// All tensors in it, in order. The name of each is the keys and numbers that lead to it, with points between them:
  /// `model.conv.weight`, `optimizer.state.0.exp_avg`. A tensor that stands alone has the empty name.
  public var tensors: ModuleValues {
    var elements: [ModuleValues.Element] = []
    appendTensors(to: &elements, path: "")
    return ModuleValues(elements)
  }

  private func appendTensors(to elements: inout [ModuleValues.Element], path: String) {
    switch self {
    case .tensor(let tensor): elements.append((path, tensor))
    case .list(let values):
      for (index, value) in values.enumerated() {
        value.appendTensors(to: &elements, path: dottedPath(path, "\(index)"))
      }
    case .dictionary(let entries):
      for (key, value) in entries { value.appendTensors(to: &elements, path: dottedPath(path, key)) }
    case .none, .truth, .integer, .number, .text: break
    }
  }
}

/// The name of what stands under a key in a container with a name.
func dottedPath(_ path: String, _ key: String) -> String { path.isEmpty ? key : path + "." + key }
