import Descent

/// A reader of files, with what must hold of anything it reads.
struct FuzzTarget: Sendable {
  let name: String
  let read: @Sendable (_ bytes: [UInt8]) throws -> Void

  static let all: [FuzzTarget] = [
    FuzzTarget(name: "idx") { bytes in touch(try Tensor(idxBytes: bytes, name: "f")) },
    FuzzTarget(name: "npy") { bytes in touch(try Tensor(npyBytes: bytes, name: "f")) },
    FuzzTarget(name: "npz") { bytes in
      let file = try NumPyArchive(bytes: bytes, name: "f")
      file.tensors.tensors.forEach(touch)
      let written = try file.bytes(name: "f")
      require(try NumPyArchive(bytes: written, name: "f").bytes(name: "f") == written, "written otherwise than read")
    },
    FuzzTarget(name: "safetensors") { bytes in
      let file = try SafeTensors(bytes: bytes, name: "f")
      file.tensors.tensors.forEach(touch)
      let written = try file.bytes(name: "f")
      require(try SafeTensors(bytes: written, name: "f").bytes(name: "f") == written, "written otherwise than read")
    },
    FuzzTarget(name: "pt") { bytes in touch(try PyTorchFile(bytes: bytes, name: "f")) },
    // The checksum of a pickle would refuse nearly all changes, so here it is made anew.
    FuzzTarget(name: "pickle") { bytes in
      touch(try PyTorchFile(bytes: StoredArchive.pytorch(pickle: bytes), name: "f"))
    },
    // As with pickles, checksums are made anew.
    FuzzTarget(name: "png") { bytes in
      let image = try Image(bytes: PNGPieces.withChecksums(bytes), name: "f")
      require(image.pixels.count == image.height * image.width * image.channels, "an image of another size")
      let again = try Image(bytes: image.pngBytes(), name: "f")
      require(again == image, "written otherwise than read")
    },
    // The pixels are libjpeg-turbo's; the segments before them and the notes of cameras are read here.
    FuzzTarget(name: "jpeg") { bytes in
      let image = try Image(bytes: [0xFF, 0xD8] + bytes.dropFirst(2), name: "f")
      require(image.pixels.count == image.height * image.width * image.channels, "an image of another size")
    },
    FuzzTarget(name: "tokenizer") { bytes in
      let tokenizer = try BytePairTokenizer(jsonText: String(decoding: bytes, as: UTF8.self), source: "f")
      let text = "one two  333!\n"
      require(try tokenizer.decode(tokenizer.encode(text)) == text, "decoded otherwise than encoded")
    },
    FuzzTarget(name: "csv") { bytes in
      let table = try Table(csvBytes: bytes, source: "f")
      require(table.columns.allSatisfy { $0.count == table.rowCount }, "columns of several lengths")
    },
  ]
}

private func touch(_ file: PyTorchFile) { file.tensors.tensors.forEach(touch) }

/// Reads every element, so that bytes beyond those that were allocated are found.
private func touch(_ tensor: Tensor) {
  guard tensor.shape.reduce(1, *) <= 1 << 16 else { return }
  _ = tensor.memory.withBytes { bytes in bytes.reduce(0) { $0 ^ $1 } }
}

func require(_ condition: Bool, _ problem: String) {
  guard condition else { fatalError(problem) }
}
