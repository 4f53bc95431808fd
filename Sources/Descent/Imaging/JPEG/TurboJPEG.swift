#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// libjpeg-turbo by its TurboJPEG interface, loaded when the first JPEG file is read, so that nothing else needs it.
package struct TurboJPEG: Sendable {
  private typealias Handle = UnsafeMutableRawPointer
  private typealias Start = @Sendable @convention(c) () -> Handle?
  private typealias Decompress =
    @Sendable @convention(c) (
      Handle, UnsafePointer<UInt8>?, CUnsignedLong, UnsafeMutablePointer<UInt8>?, CInt, CInt, CInt, CInt, CInt
    ) -> CInt
  private typealias ErrorText = @Sendable @convention(c) (Handle) -> UnsafePointer<CChar>?
  private typealias End = @Sendable @convention(c) (Handle) -> CInt

  private let start: Start
  private let decompress: Decompress
  private let errorText: ErrorText
  private let end: End

  /// The library, nil where it is not installed.
  package static let shared = TurboJPEG(names: names)

  private static var names: [String] {
    #if canImport(Darwin)
      // Homebrew's folders are not among those that are looked through.
      return ["", "/opt/homebrew/lib/", "/usr/local/lib/", "/opt/local/lib/"].map { $0 + "libturbojpeg.dylib" }
    #else
      return ["libturbojpeg.so.0", "libturbojpeg.so"]
    #endif
  }

  /// Loads the first of the libraries that is there.
  package init?(names: [String]) {
    guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first,
      let start = dlsym(library, "tjInitDecompress"), let decompress = dlsym(library, "tjDecompress2"),
      let errorText = dlsym(library, "tjGetErrorStr2"), let end = dlsym(library, "tjDestroy")
    else { return nil }
    self.start = unsafeBitCast(start, to: Start.self)
    self.decompress = unsafeBitCast(decompress, to: Decompress.self)
    self.errorText = unsafeBitCast(errorText, to: ErrorText.self)
    self.end = unsafeBitCast(end, to: End.self)
  }

  /// What the library says is wrong with a file.
  struct Damage: Error { let reason: String }

  /// The pixels of a file whose header is known.
  func pixels(of bytes: [UInt8], _ header: JPEGHeader) throws(Damage) -> [UInt8] {
    guard let handle = start() else { throw Damage(reason: "libjpeg-turbo cannot start") }
    defer { _ = end(handle) }
    var result = [UInt8](repeating: 0, count: header.height * header.width * header.channels)
    // RGB and grey among turbojpeg.h's pixel formats.
    let format: CInt = header.channels == 3 ? 0 : 6
    // The exact inverse transform; warnings, such as of missing pixels, are errors; no files of countless scans.
    let flags: CInt = 4096 | 8192 | 32768
    let status = bytes.withUnsafeBufferPointer { bytes in
      result.withUnsafeMutableBufferPointer { result in
        decompress(
          handle, bytes.baseAddress, CUnsignedLong(bytes.count), result.baseAddress, CInt(header.width), 0,
          CInt(header.height), format, flags)
      }
    }
    guard status == 0 else {
      throw Damage(reason: errorText(handle).map { String(cString: $0) } ?? "for no reason that libjpeg-turbo gives")
    }
    return result
  }
}

extension Image {
  /// Reads the bytes of a JPEG file by a library; nil is one that is not there.
  package init(jpegBytes bytes: [UInt8], name: String, library: TurboJPEG?) throws(ModelFileError) {
    try self.init(jpeg: ModelFileSource(bytes: bytes, name: name), library: library)
  }

  init(jpeg source: ModelFileSource, library: TurboJPEG?) throws(ModelFileError) {
    let header = try JPEGHeader(source)
    guard let library else {
      throw ModelFileError(
        source.name,
        "JPEG files are read by libjpeg-turbo, which is not installed; on Debian and Ubuntu it is the package "
          + "libturbojpeg0 or libturbojpeg, on Fedora turbojpeg, with Homebrew jpeg-turbo")
    }
    let count = header.height * header.width * header.channels
    if let problem = ByteStream.implausibility(of: source.byteCount, to: count) {
      throw ModelFileError(source.name, "expected \(counted(count, "byte")) for its pixels, but \(problem)")
    }
    let bytes = try source.read(0..<source.byteCount)
    let pixels: [UInt8]
    do {
      pixels = try library.pixels(of: bytes, header)
    } catch {
      throw ModelFileError(source.name, "the JPEG file is damaged (\(error.reason))")
    }
    let stored = Image(height: header.height, width: header.width, channels: header.channels, pixels: pixels)
    self = stored.seen(header.orientation)
  }
}
