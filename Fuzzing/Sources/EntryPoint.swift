import Descent
import Glibc

/// The reader that the environment names.
private let target: FuzzTarget = {
  let names = FuzzTarget.all.map { $0.name }
  guard let value = getenv("DESCENT_FUZZ_TARGET").map({ String(cString: $0) }),
    let target = FuzzTarget.all.first(where: { $0.name == value })
  else { fatalError("DESCENT_FUZZ_TARGET names none of \(names.joined(separator: ", "))") }
  return target
}()

/// What libFuzzer calls with each input: reading it must succeed, or fail with one sentence.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try target.read(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    let sentence = "\(error)"
    require(sentence.hasPrefix("f") || sentence.hasPrefix("The "), "the error names no file: \(sentence)")
    require(sentence.hasSuffix("."), "the error is no sentence: \(sentence)")
    // Others quote the names of columns and tokens as they are, and whoever prints them makes them printable.
    guard error is ModelFileError else { return 0 }
    require(sentence.utf8.allSatisfy { $0 >= 0x20 } && sentence.count < 1000, "not one line: \(sentence)")
  }
  return 0
}
