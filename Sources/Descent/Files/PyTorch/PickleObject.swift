/// What a pickle makes while it is read. Containers and tensors are numbers of places in lists, so that those that hold
/// themselves are no trouble, and those that are used often take no more memory.
enum PickleObject {
  case none
  case truth(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  /// A place in `PickleMachine.containers`.
  case container(Int)
  /// A place in `PickleMachine.storages`.
  case storage(Int)
  /// A place in `PickleMachine.tensors`.
  case tensor(Int)
  case name(PickleName)
}

struct PickleContainer {
  enum Kind { case tuple, list, dictionary }

  let kind: Kind
  /// The elements; keys and values by turns.
  var items: [PickleObject] = []
}

/// The functions and classes that a file may ask for. None of them is ever run: each stands for a few lines here that
/// make a container or describe a tensor.
enum PickleName: Hashable {
  case orderedDictionary
  case size
  case tensor
  case parameter
  case storage(PyTorchElement)
  case untypedStorage
  case element(PyTorchElement)

  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch", "Size"): self = .size
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"),
      ("torch._utils", "_rebuild_tensor_v3"):
      self = .tensor
    case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"): self = .parameter
    case ("torch.storage", "UntypedStorage"): self = .untypedStorage
    case ("torch", let name):
      if let element = PyTorchElement.allCases.first(where: { $0.storageName == name }) {
        self = .storage(element)
      } else if let element = PyTorchElement(rawValue: name) {
        self = .element(element)
      } else {
        return nil
      }
    default: return nil
    }
  }
}
