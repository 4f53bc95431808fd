typealias HeaderScanner = JSONScanner<ModelFileError>

extension JSONScanner<ModelFileError> {
  /// Reads the header of the safetensors file that is called `file`.
  init(_ bytes: [UInt8], file: String) throws(ModelFileError) {
    if let offset = firstInvalidUTF8(in: bytes), bytes[offset] != 0 {
      throw ModelFileError(
        file, "expected a header in UTF-8, found the byte \(hexadecimal(bytes[offset])) at byte \(offset) of the header"
      )
    }
    self.init(bytes) { scanner, expected, offset in
      ModelFileError(file, scanner.headerProblem(expected, at: offset))
    }
  }
}
