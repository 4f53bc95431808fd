import DescentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension GPT {
  /// Makes a GPT-2 from a folder with `config.json` and `model.safetensors`, as the library transformers saves it.
  ///
  /// ```swift
  /// let model = try GPT(gpt2Folder: "gpt2")
  /// let tokenizer = try BytePairTokenizer(folder: "gpt2")
  /// ```
  ///
  /// - Throws: `ModelFileError` if a file is missing or damaged, the model is no GPT-2, or a tensor is missing, not one of
  ///   GPT-2's or of another shape.
  public init(gpt2Folder folder: String) throws(ModelFileError) {
    let settings = try GPT2Settings(contentsOf: "\(folder)/config.json")
    let path = "\(folder)/model.safetensors"
    try self.init(
      gpt2: try SafeTensors(contentsOf: path).tensors, heads: settings.heads, gelu: settings.gelu, source: path)
  }

  /// Makes a GPT-2 of tensors under the names it was published with: `wte.weight`, `h.0.attn.c_attn.weight` and so on, with
  /// or without `transformer.` before them. Masks among them are passed over; a head of its own is `lm_head.weight`.
  ///
  /// - Parameters:
  ///   - heads: how many there are, which the tensors do not tell: 12 in the smallest model.
  ///   - source: what errors call the tensors.
  public init(
    gpt2 tensors: ModuleValues, heads: Int, gelu: GELU.Form = .tanh, source: String = "the tensors"
  ) throws(ModelFileError) {
    var named = GPT2Tensors(tensors, source: source)
    let vocabulary = try named.shape("wte.weight", rank: 2)
    let context = try named.shape("wpe.weight", rank: 2)
    let hidden = try named.shape("h.0.mlp.c_fc.weight", rank: 2)
    let configuration = Configuration(
      vocabulary: vocabulary[0], context: context[0], layers: named.layers, heads: heads, width: vocabulary[1],
      hidden: hidden[1], isTied: named.isTied, gelu: gelu)
    do {
      try self.init(configuration: configuration)
      try load(try named.values(for: self))
    } catch let error as ModelFileError {
      throw error
    } catch {
      throw ModelFileError(source, "\(error)")
    }
  }
}

/// What `config.json` says of a GPT-2.
private struct GPT2Settings: Decodable {
  let heads: Int
  private let model: String?
  private let activation: String?
  private let epsilon: Double?
  private let scales: Bool?
  private let scalesByLayer: Bool?
  private let crosses: Bool?

  private enum CodingKeys: String, CodingKey {
    case heads = "n_head"
    case model = "model_type"
    case activation = "activation_function"
    case epsilon = "layer_norm_epsilon"
    case scales = "scale_attn_weights"
    case scalesByLayer = "scale_attn_by_inverse_layer_idx"
    case crosses = "add_cross_attention"
  }

  var gelu: GELU.Form { activation == "gelu" ? .exact : .tanh }

  init(contentsOf path: String) throws(ModelFileError) {
    let file = try ModelFileSource(path: path)
    guard file.byteCount <= 1 << 20 else {
      throw ModelFileError(path, "expected the configuration of a model, found \(file.byteCount) bytes")
    }
    let bytes = try file.read(0..<file.byteCount)
    do {
      self = try JSONDecoder().decode(GPT2Settings.self, from: Data(bytes))
    } catch {
      throw ModelFileError(path, "expected JSON with the number of heads as \"n_head\"")
    }
    guard model ?? "gpt2" == "gpt2", scales ?? true, !(scalesByLayer ?? false), !(crosses ?? false) else {
      throw ModelFileError(
        path, "expected a GPT-2 with scaled attention of its own places alone, found another kind of model")
    }
    let activation = activation ?? "gelu_new"
    guard ["gelu_new", "gelu_pytorch_tanh", "gelu"].contains(activation) else {
      throw ModelFileError(path, "expected the activation gelu_new or gelu, found \(quoted(activation))")
    }
    let epsilon = epsilon ?? 1e-5
    guard epsilon == 1e-5 else {
      throw ModelFileError(path, "expected a layer_norm_epsilon of 1e-05, found \(epsilon)")
    }
  }
}

/// Tensors under GPT-2's names.
private struct GPT2Tensors {
  private let source: String
  private var unread: [String: (name: String, tensor: Tensor)] = [:]

  init(_ tensors: ModuleValues, source: String) {
    self.source = source
    for (name, tensor) in tensors {
      let short = name.hasPrefix("transformer.") ? String(name.dropFirst("transformer.".count)) : name
      let isMask = short.hasSuffix(".attn.bias") || short.hasSuffix(".attn.masked_bias")
      if !isMask { unread[short] = (name, tensor) }
    }
  }

  /// The number of blocks.
  var layers: Int {
    var count = 0
    while unread["h.\(count).ln_1.weight"] != nil { count += 1 }
    return count
  }

  /// Whether the head is the tokens' own vectors; some files hold these twice.
  var isTied: Bool {
    guard let head = unread["lm_head.weight"]?.tensor, let tokens = unread["wte.weight"]?.tensor else { return true }
    return head.shape == tokens.shape && head.memory.withBytes { a in tokens.memory.withBytes { a.elementsEqual($0) } }
  }

  func shape(_ name: String, rank: Int) throws(ModelFileError) -> [Int] {
    guard let found = unread[name] else {
      throw ModelFileError(source, "expected the tensor \"\(name)\" of a GPT-2, which is not there")
    }
    guard found.tensor.rank == rank else {
      throw ModelFileError(source, tensor: found.name, "expected \(rank) axes, found shape \(text(found.tensor.shape))")
    }
    return found.tensor.shape
  }

  /// The tensors under the model's own names; all of them must be read.
  mutating func values(for model: GPT) throws(ModelFileError) -> ModuleValues {
    let isTied = isTied
    var values: [ModuleValues.Element] = []
    for (path, value) in model.parameters {
      let name = Self.name(ofParameter: path)
      guard let found = unread.removeValue(forKey: name) else {
        throw ModelFileError(source, "expected the tensor \"\(name)\" of a GPT-2, which is not there")
      }
      guard found.tensor.shape == value.shape && found.tensor.dtype.isFloat else {
        throw ModelFileError(
          source, tensor: found.name,
          "expected floats of shape \(text(value.shape)), found \(found.tensor.dtype.name)\(text(found.tensor.shape))")
      }
      values.append((path, found.tensor.cast(to: .float32)))
    }
    if isTied { unread["lm_head.weight"] = nil }
    if let extra = unread.values.map(\.name).min() {
      throw ModelFileError(source, tensor: extra, "a GPT-2 has no such tensor")
    }
    return ModuleValues(values)
  }

  /// `blocks.3.attention.projection.weight` is `h.3.attn.c_attn.weight`.
  private static func name(ofParameter path: String) -> String {
    let whole = ["tokens.weight": "wte.weight", "positions.weight": "wpe.weight", "head": "lm_head.weight"]
    if let name = whole[path] { return name }
    let parts = [
      "attentionNorm": "ln_1", "attention.projection": "attn.c_attn", "attention.output": "attn.c_proj", "norm": "ln_2",
      "feedForward.up": "mlp.c_fc", "feedForward.down": "mlp.c_proj",
    ]
    let names = path.split(separator: ".").map(String.init)
    let kind = ["scale": "weight", "shift": "bias"][names.last!] ?? names.last!
    guard names[0] == "blocks" else { return "ln_f.\(kind)" }
    return "h.\(names[1]).\(parts[names[2..<(names.count - 1)].joined(separator: ".")]!).\(kind)"
  }
}
