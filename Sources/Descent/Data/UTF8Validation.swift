/// The offset of the first byte that is NUL or begins a sequence that is not well-formed UTF-8 (Unicode 16, table 3-7).
func firstInvalidUTF8(in bytes: [UInt8]) -> Int? {
  var index = 0
  while index < bytes.count {
    let byte = bytes[index]
    if byte != 0, byte < 0x80 {
      index += 1
    } else {
      let length = sequenceLength(at: index, in: bytes)
      guard length > 0 else { return index }
      index += length
    }
  }
  return nil
}

/// The length of the well-formed multi-byte sequence at `index`, or 0.
private func sequenceLength(at index: Int, in bytes: [UInt8]) -> Int {
  let length: Int
  var second: ClosedRange<UInt8> = 0x80...0xBF
  switch bytes[index] {
  case 0xC2...0xDF: length = 2
  case 0xE0: (length, second) = (3, 0xA0...0xBF)  // shorter forms exist
  case 0xED: (length, second) = (3, 0x80...0x9F)  // surrogates
  case 0xE1...0xEF: length = 3
  case 0xF0: (length, second) = (4, 0x90...0xBF)  // shorter forms exist
  case 0xF1...0xF3: length = 4
  case 0xF4: (length, second) = (4, 0x80...0x8F)  // beyond U+10FFFF
  default: return 0
  }
  guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
  for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
  return length
}
