import ArgumentParser
import Descent

/// What kind of data a path leads to, by which each command knows what to do. A folder is one of images, be it that none
/// are in it, unless its name ends as that of a text does.
enum InputKind {
  case table
  case images
  case text

  /// What a text's name ends in.
  private static let textEndings = [".txt", ".text", ".md"]

  init(of path: String) {
    if ImageData.Form(of: path) != nil {
      self = .images
    } else {
      let isText = Self.textEndings.contains { path.lowercased().hasSuffix($0) }
      self = isText ? .text : ImageFolder.isFolder(path) ? .images : .table
    }
  }

  /// What is said of a table that may be meant as a text; nothing where the name ends as that of a table does.
  static func textHint(_ path: String) -> String {
    guard ![".csv", ".tsv"].contains(where: { path.lowercased().hasSuffix($0) }) else { return "" }
    let last = textEndings.count - 1
    return "; the name of a text ends in \(textEndings[..<last].joined(separator: ", ")) or \(textEndings[last])"
  }

  /// What options that belong to another kind of data are refused with.
  var name: String {
    switch self {
    case .table: "a table"
    case .images: "images"
    case .text: "a text"
    }
  }

  /// Refuses options that say nothing of this kind of data.
  ///
  /// - Parameters:
  ///   - options: those of the other kinds: their names, and whether they are given.
  ///   - hint: what may have been meant, which ends the sentence.
  func refuse(
    _ options: [(name: String, isGiven: Bool)], _ path: String, hint: String = ""
  ) throws(CommandFailure) {
    guard let option = options.first(where: \.isGiven) else { return }
    throw .usage("\(option.name): \(path) is \(name), for which there is no such option\(hint).")
  }
}

/// A model file of any kind.
enum TrainedModel {
  case table(TabularModel)
  case images(ImageModel)
  case series(SeriesModel)
  case text(TextModel)

  init(contentsOf path: String) throws(CommandFailure) {
    guard !path.isEmpty else { throw .usage("Expected the name of a model file, found \"\".") }
    do {
      switch try ModelKind(contentsOf: path) {
      case .table: self = .table(try TabularModel(contentsOf: path))
      case .images: self = .images(try ImageModel(contentsOf: path))
      case .series: self = .series(try SeriesModel(contentsOf: path))
      case .text: self = .text(try TextModel(contentsOf: path))
      }
    } catch let error as any CommandError {
      throw error.failure
    } catch {
      throw .badData("\(error)")
    }
  }

  /// Whether a file is a model of any kind.
  static func isThere(_ path: String) -> Bool { (try? TrainedModel(contentsOf: path)) != nil }
}
