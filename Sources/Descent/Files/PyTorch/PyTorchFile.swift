/// What a file of PyTorch holds, as `torch.save` has written them since version 1.6: `.pt`, `.pth`, `pytorch_model.bin`.
///
/// ```swift
/// let file = try PyTorchFile(contentsOf: "checkpoint.pt")
/// try model.load(file.value["model_state_dict"]?.tensors ?? [:])
/// ```
///
/// Such a file is a program of Python's. Descent reads it as data: containers, numbers, texts and tensors are made, and a
/// file that asks for anything else, such as a whole model with its classes, is refused.
public struct PyTorchFile: Sendable {
  public let value: PyTorchValue
  /// All tensors, as `PyTorchValue.tensors` names them.
  public let tensors: ModuleValues

  /// Reads a file. Types become those of tensors: float16 and bfloat16 become float32; int8, int16 and uint16 become
  /// int32; uint32 becomes int64.
  ///
  /// Everything the file says of sizes is checked before memory is taken for it.
  ///
  /// - Throws: `ModelFileError` if the file is damaged, asks for code, holds something other than tensors, numbers,
  ///   texts and containers, or its tensors take more than 256 MiB and more than 200 times its size.
  public init(contentsOf path: String) throws(ModelFileError) { try self.init(ModelFileSource(path: path)) }

  /// Reads the bytes of a file; `name` is what errors call it.
  public init(bytes: [UInt8], name: String) throws(ModelFileError) {
    try self.init(ModelFileSource(bytes: bytes, name: name))
  }

  private init(_ source: ModelFileSource) throws(ModelFileError) {
    let archive = try PyTorchArchive(source)
    let pickle = try archive.pickle()
    var machine = PickleMachine(pickle, file: source.name)
    let root = try machine.run()
    var tree = PickleTree(machine, file: source.name, mostItems: pickle.count)
    try tree.check(root)
    value = try tree.value(root, try archive.tensors(machine, names: tree.tensorNames))
    tensors = value.tensors
  }
}
