/// What the command line asks for.
struct Options {
  var strengths = [1, 0.3]
  var frames = 40
  var seeds = 1
  var reportPath = "brain-scans.html"
  var tablePath: String?

  static let usage = """
    Options: --strengths 1,0.3   how much fakes differ, from 0 to 1
             --frames 40         frames of each of the ten recordings to train on
             --seeds 1           how often to do all of it, with other recordings
             --report FILE.html  the page to write
             --table FILE.md     a table to write
    """

  /// nil if something in the arguments is not an option.
  init?(_ arguments: [String]) {
    guard arguments.count % 2 == 0 else { return nil }
    for position in stride(from: 0, to: arguments.count, by: 2) {
      let value = arguments[position + 1]
      switch arguments[position] {
      case "--strengths":
        let numbers = value.split(separator: ",").compactMap { Double($0) }.filter { (0...1).contains($0) }
        guard !numbers.isEmpty && numbers.count == value.split(separator: ",").count else { return nil }
        strengths = numbers
      case "--frames":
        guard let count = Int(value), (4...2048).contains(count) else { return nil }
        frames = count
      case "--seeds":
        guard let count = Int(value), (1...100).contains(count) else { return nil }
        seeds = count
      case "--report": reportPath = value
      case "--table": tablePath = value
      default: return nil
      }
    }
  }
}
