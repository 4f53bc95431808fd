/// Why a file of tensors could not be read or written.
///
/// `description` is one sentence with the file, the tensor, and what was expected.
public struct ModelFileError: Error, Equatable, Sendable, CustomStringConvertible {
  public let file: String
  /// The tensor the problem is about, if it is about one.
  public let tensor: String?
  public let problem: String

  init(_ file: String, tensor: String? = nil, _ problem: String) {
    self.file = file
    self.tensor = tensor
    self.problem = problem
  }

  public var description: String {
    "\(file)\(tensor.map { ", tensor \(quoted($0))" } ?? ""): \(problem)\(problem.hasSuffix(".") ? "" : ".")"
  }
}

/// A name from a file, in quotes: on one line, and shortened if it is long.
func quoted(_ name: String) -> String {
  var text = ""
  for scalar in name.unicodeScalars.prefix(80) { text += scalar.escaped(asASCII: false) }
  return "\"\(text)\(name.unicodeScalars.dropFirst(80).isEmpty ? "" : "…")\""
}
