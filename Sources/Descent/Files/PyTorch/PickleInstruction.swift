/// The instructions of a pickle that make data, as versions 1 to 5 of the format write them.
enum PickleInstruction: UInt8 {
  case proto = 0x80
  case frame = 0x95
  case stop = 0x2E
  case mark = 0x28
  case pop = 0x30
  case popMark = 0x31
  case dup = 0x32
  case none = 0x4E
  case newTrue = 0x88
  case newFalse = 0x89
  case binInt = 0x4A
  case binInt1 = 0x4B
  case binInt2 = 0x4D
  case long1 = 0x8A
  case long4 = 0x8B
  case binFloat = 0x47
  case shortBinString = 0x55
  case binString = 0x54
  case binUnicode = 0x58
  case shortBinUnicode = 0x8C
  case binUnicode8 = 0x8D
  case emptyTuple = 0x29
  case tuple = 0x74
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case emptyList = 0x5D
  case list = 0x6C
  case append = 0x61
  case appends = 0x65
  case emptyDict = 0x7D
  case dict = 0x64
  case setItem = 0x73
  case setItems = 0x75
  case binPut = 0x71
  case longBinPut = 0x72
  case memoize = 0x94
  case binGet = 0x68
  case longBinGet = 0x6A
  case global = 0x63
  case stackGlobal = 0x93
  case binPersID = 0x51
  case reduce = 0x52
  case newObj = 0x81
  case build = 0x62

  /// What those make that are known and refused.
  static let refused: [UInt8: String] = [
    0x42: "bytes", 0x43: "bytes", 0x8E: "bytes", 0x96: "bytes", 0x8F: "a set", 0x91: "a set", 0x69: "an object",
    0x6F: "an object", 0x92: "an object", 0x82: "an object", 0x83: "an object", 0x84: "an object",
  ]
}
