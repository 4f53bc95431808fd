import Descent
import Testing

/// The examples of FIPS 180-4, and lengths around a block.
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func digests(text: String, digest: String) {
    #expect(SHA256.hexadecimal(Array(text.utf8)) == digest)
  }

  @Test func lengthsAroundABlock() {
    // Python: hashlib.sha256(b"x" * n).hexdigest()[:16]
    let expected = [
      55: "d5e285683cd4efc0", 56: "04c26261370ee754", 63: "75220b47218278e6",
      64: "7ce100971f64e700", 65: "9537c5fdf120482f", 119: "000b48d4edf0fa7b",
      120: "13f05a0b594787f5", 128: "24da1b81d0b16df6",
    ]
    for (count, digest) in expected {
      #expect(SHA256.hexadecimal([UInt8](repeating: UInt8(ascii: "x"), count: count)).hasPrefix(digest), "\(count)")
    }
  }
}
