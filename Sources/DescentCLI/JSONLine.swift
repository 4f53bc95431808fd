import Descent

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One object on a line of standard output.
enum JSONLine {
  static func write(_ value: some Encodable) { Output.write(text(value)) }

  static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      preconditionFailure("Lines hold finite numbers only, which JSON can always express.")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

/// The end of an epoch, whatever is trained on.
struct EpochLine: Encodable {
  var event = "epoch"
  let epoch: Int
  let loss: Double
  let validationLoss: Double?
  /// Of the validation data, where it is measured.
  let accuracy: Double?
  let learningRate: Double
  let seconds: Double

  init(_ progress: Progress) {
    epoch = progress.epoch
    loss = progress.loss
    validationLoss = progress.validationLoss.flatMap { $0.isFinite ? $0 : nil }
    accuracy = progress.metrics["accuracy"]
    learningRate = progress.learningRate
    seconds = progress.seconds
  }
}
