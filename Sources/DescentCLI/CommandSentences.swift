import Descent

/// What the library says of settings, in the words of the command line.
extension ConfigurationProblem {
  /// The sentence with the options as they were typed, or with those whose defaults do not fit.
  func sentence(of words: [String]) -> String {
    let options = optionNames
    let given = TypedOptions(words)
    let typed = given.texts(of: options)
    if !typed.isEmpty {
      let others = options.filter { given.texts(of: [$0]).isEmpty }
      let verb = others.count == 1 ? "counts" : "count"
      let rest = others.isEmpty ? "" : "; \(others.joined(separator: ", ")) \(verb) too"
      return "\(typed.joined(separator: " ")): \(description)\(rest)."
    }
    return options.isEmpty
      ? "\(description.prefix(1).uppercased())\(description.dropFirst())."
      : "The \(options.count == 1 ? "default" : "defaults") of \(options.joined(separator: ", ")) will not do here: "
        + "\(description)."
  }

  /// The options of the settings that have one, each once.
  private var optionNames: [String] {
    settings.reduce(into: []) { names, setting in
      guard let name = Self.optionName(of: setting), !names.contains(name) else { return }
      names.append(name)
    }
  }

  /// Options are called as the settings are, but for some.
  private static func optionName(of setting: String) -> String? {
    switch setting {
    case "clipping", "labelSmoothing", "patience", "warmUp", "weightDecay": nil
    case "accumulation": "--accumulate"
    case "augmentation": "--augment"
    case "ignoredColumns": "--ignore"
    case "seconds": "--time"
    // Of a text that is the test; elsewhere it is taken from what the test leaves.
    case "validationShare": "--test-share"
    default:
      "--" + setting.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
    }
  }
}

extension TrainingError {
  /// The sentences with the advice that the options of the command can follow. Of a rate that is too high no cut of the
  /// gradients helps, as AdamW divides them by their own size, and all inputs are scaled already.
  func sentences(of words: [String]) -> String {
    guard let divergence else { return description }
    let typed = TypedOptions(words).texts(of: ["--learning-rate"]).first
    let rows = if case .nonFiniteValidationLoss = self { ", or look for rows unlike those trained on" } else { "" }
    let advice = typed.map { "Try less than \($0)" } ?? "Try a lower --learning-rate"
    return "\(divergence) \(advice)\(rows); no model was written."
  }
}

/// The options that a command was called with.
struct TypedOptions {
  private let words: ArraySlice<String>

  init(_ words: [String]) { self.words = words.prefix { $0 != "--" } }

  /// Options of some names and their values as they were typed, `--heads 3` or `--heads=3`, in the order of the names.
  func texts(of names: [String]) -> [String] {
    names.flatMap { name in
      words.indices.compactMap { place in
        if words[place].hasPrefix("\(name)=") { return shellText([words[place]]) }
        guard words[place] == name, place + 1 < words.endIndex else { return nil }
        return shellText(Array(words[place...place + 1]))
      }
    }
  }
}
