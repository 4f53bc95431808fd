/// Why nothing can be trained with a configuration, and which of its settings that is about.
///
/// Who lets people name settings otherwise, as a command line or a form does, can point to what they wrote:
/// ```swift
/// do throws(TextError) {
///   _ = try TextModel.train(text, configuration: configuration)
/// } catch {
///   if case .configuration(let problem) = error { print(problem.settings, problem) }
/// }
/// ```
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
  /// What was expected and what was found, as a clause without an end.
  public let description: String
  /// The names of the properties it is about, such as `heads` and `width`, the likeliest to be changed first. Of images
  /// `size` is among them where files are brought to one.
  public let settings: [String]

  init(_ description: String, of settings: String...) {
    self.description = description
    self.settings = settings
  }

  init(_ description: String, of settings: [String]) {
    self.description = description
    self.settings = settings
  }
}
