import Descent
import Foundation
import Testing

/// A small random GPT-2 and its answers, as the library transformers gives them.
@Suite struct GPT2Tests {
  private struct Expected: Decodable {
    let inputs: [[Int32]]
    let logits: [Float]
    let loss: Double
    let greedy: [Int]
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures/gpt2").standardized.path

  private func expected() throws -> Expected {
    try JSONDecoder().decode(Expected.self, from: Data(contentsOf: URL(filePath: "\(Self.folder)/expected.json")))
  }

  private func values(_ tensors: [String: Tensor]) -> ModuleValues {
    ModuleValues(tensors.map { (path: $0.key, value: $0.value) })
  }

  @Test func answersAsItsOwnLibraryDoes() throws {
    let expected = try expected()
    let model = try GPT(gpt2Folder: Self.folder)
    let inputs = Tensor(expected.inputs)
    let logits = try CompiledModel(model)(inputs)
    let difference = zip(logits.array(of: Float.self), expected.logits).map { abs($0 - $1) }.max()!
    #expect(difference < 1e-4)
    let loss = softmaxCrossEntropy(
      logits: logits[TensorIndex.all, ..<(-1)], targets: inputs[TensorIndex.all, 1...])
    #expect(abs(loss.scalar(of: Double.self) - expected.loss) < 1e-5)
    let generator = try TokenGenerator(model, after: Array(expected.greedy.prefix(5)), sampling: .greedy)
    while generator.tokens.count < expected.greedy.count { _ = try generator.next() }
    #expect(generator.tokens == expected.greedy)
  }

  @Test func readsBothSetsOfNames() throws {
    let tensors = try SafeTensors(contentsOf: "\(Self.folder)/model.safetensors").tensors
    let tokens = Tensor([[Int32(1), 2, 3]])
    let logits = try GPT(gpt2: tensors, heads: 2)(tokens).array(of: Float.self)
    var short: [String: Tensor] = ["h.0.attn.bias": .ones([1, 1, 32, 32]), "h.1.attn.masked_bias": -10_000]
    for (name, tensor) in tensors { short[String(name.dropFirst("transformer.".count))] = tensor }
    #expect(try GPT(gpt2: values(short), heads: 2)(tokens).array(of: Float.self) == logits)
    short["lm_head.weight"] = short["wte.weight"]
    #expect(try GPT(gpt2: values(short), heads: 2).configuration.isTied)
    short["lm_head.weight"] = short["wte.weight"]! * 2
    let own = try GPT(gpt2: values(short), heads: 2)
    #expect(!own.configuration.isTied)
    #expect(own(tokens).array(of: Float.self) == logits.map { 2 * $0 })
  }

  @Test func saysWhatDoesNotFit() throws {
    let tensors = try SafeTensors(contentsOf: "\(Self.folder)/model.safetensors").tensors
    func problem(heads: Int = 2, _ change: (inout [String: Tensor]) -> Void) -> String? {
      var changed = Dictionary(uniqueKeysWithValues: tensors.map { ($0.path, $0.value) })
      change(&changed)
      do {
        _ = try GPT(gpt2: values(changed), heads: heads, source: "model")
        return nil
      } catch {
        return error.description
      }
    }
    #expect(
      problem { $0["transformer.wte.weight"] = nil }
        == "model: expected the tensor \"wte.weight\" of a GPT-2, which is not there.")
    #expect(
      problem { $0["transformer.h.1.mlp.c_proj.bias"] = nil }
        == "model: expected the tensor \"h.1.mlp.c_proj.bias\" of a GPT-2, which is not there.")
    #expect(
      problem { $0["transformer.ln_f.bias"] = .zeros([3]) }
        == "model, tensor \"transformer.ln_f.bias\": expected floats of shape [16], found float32[3].")
    #expect(
      problem { $0["transformer.h.2.ln_9.bias"] = .zeros([3]) }
        == "model, tensor \"transformer.h.2.ln_9.bias\": a GPT-2 has no such tensor.")
    #expect(
      problem { $0["transformer.wpe.weight"] = .zeros([3]) }
        == "model, tensor \"transformer.wpe.weight\": expected 2 axes, found shape [3].")
    #expect(problem(heads: 3) { _ in }?.hasPrefix("model: expected heads that divide the width 16") == true)
    #expect(problem(heads: 0) { _ in } != nil)
  }

  @Test func settingsOfOtherModelsAreRefused() throws {
    func problem(_ settings: String) throws -> String? {
      try TestFiles.withFolder { folder -> String? in
        try Data(settings.utf8).write(to: URL(filePath: "\(folder)/config.json"))
        do {
          _ = try GPT(gpt2Folder: folder)
          return nil
        } catch {
          return "\(error)".replacingOccurrences(of: folder, with: "F")
        }
      }
    }
    #expect(try problem("{}") == "F/config.json: expected JSON with the number of heads as \"n_head\".")
    #expect(try problem("{\"n_head\": 2}") == "F/model.safetensors: no such file.")
    #expect(
      try problem("{\"n_head\": 2, \"activation_function\": \"relu\"}")
        == "F/config.json: expected the activation gelu_new or gelu, found \"relu\".")
    #expect(
      try problem("{\"n_head\": 2, \"layer_norm_epsilon\": 0.1}")
        == "F/config.json: expected a layer_norm_epsilon of 1e-05, found 0.1.")
    #expect(
      try problem("{\"n_head\": 2, \"model_type\": \"llama\"}")?.hasSuffix("found another kind of model.") == true)
  }
}
