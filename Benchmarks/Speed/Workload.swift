import Descent

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One line of `workloads.json`, the list from which the peers' scripts read too.
struct Workload: Decodable, Sendable {
  let name: String
  let group: String
  let task: any Task

  private enum Key: CodingKey { case name, group, kind }

  private static let tasks: [String: any Task.Type] = [
    "training": NetworkTraining.self, "languageModel": LanguageModelTraining.self, "inference": Inference.self,
    "imageTraining": ImageTraining.self, "imageInference": ImageInference.self, "convolution": ConvolutionTask.self,
    "residualTraining": ResidualTraining.self, "tokenGeneration": TokenGeneration.self,
    "product": Product.self, "softmax": RowSoftmax.self, "layerNorm": RowNormalization.self,
    "transpose": Transposition.self, "triad": Triad.self, "adam": AdamUpdate.self,
  ]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    name = try container.decode(String.self, forKey: .name)
    group = try container.decode(String.self, forKey: .group)
    let kind = try container.decode(String.self, forKey: .kind)
    guard let type = Workload.tasks[kind] else {
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container, debugDescription: "no kind of workload is called \(kind)")
    }
    task = try type.init(from: decoder)
  }

  static func list(from path: String) throws -> [Workload] {
    try JSONDecoder().decode([Workload].self, from: Data(contentsOf: URL(filePath: path)))
  }
}

/// What a workload asks for, as its line states it.
protocol Task: Decodable, Sendable {
  func prepare() throws -> Prepared
}

/// A workload ready to be timed.
struct Prepared {
  /// Numbers that every engine must find, such as losses: nobody skips work.
  var check: [Double]
  /// Goes back to where timing starts, so that long training does not drift to numbers of another kind.
  let reset: () throws -> Void
  /// Does the work so many times and nothing else.
  let run: (_ count: Int) throws -> Void
}
