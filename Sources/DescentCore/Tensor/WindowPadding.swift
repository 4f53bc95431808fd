#if !hasFeature(Embedded)
  /// What lies around the spatial axes of an input that a window slides over.
  public enum WindowPadding: Sendable, Hashable, Codable {
    /// Nothing: the window stays inside the input.
    case valid
    /// So much that there are ⌈extent / stride⌉ results, half of it on either side; an odd one goes behind.
    case same
    /// So many elements before and behind each spatial axis.
    case explicit(low: [Int], high: [Int])

    /// As many elements before each spatial axis as behind it.
    public static func symmetric(_ padding: [Int]) -> WindowPadding { .explicit(low: padding, high: padding) }

    /// The padding of each axis, in numbers.
    func resolved(
      _ operation: String, input: [Int], window: [Int], strides: [Int]
    ) throws(ShapeError) -> (low: [Int], high: [Int]) {
      let zeros = [Int](repeating: 0, count: input.count)
      switch self {
      case .valid: return (zeros, zeros)
      case .same:
        let total = input.indices.map { axis in
          let results = (input[axis] + strides[axis] - 1) / strides[axis]
          return max((results - 1) * strides[axis] + window[axis] - input[axis], 0)
        }
        return (total.map { $0 / 2 }, total.map { $0 - $0 / 2 })
      case .explicit(let low, let high):
        guard low.count == input.count && high.count == input.count else {
          throw ShapeError(
            operation,
            "padding \(text(low)), \(text(high)) for \(input.count) spatial axes; needs one number each")
        }
        guard (low + high).allSatisfy({ $0 >= 0 }) else {
          throw ShapeError(
            operation, "padding \(text(low)), \(text(high)) must not be negative; slice the input instead")
        }
        guard (low + high).allSatisfy({ $0 <= mostOnAnAxis }) else {
          throw ShapeError(
            operation, "padding \(text(low)), \(text(high)): more than the \(mostOnAnAxis) that an axis takes")
        }
        return (low, high)
      }
    }
  }

  /// Of elements that a window skips or pads, so that extents with them stay numbers.
  private let mostOnAnAxis = 1 << 31

  /// One number a spatial axis: those given, or 1 for all.
  func numbers(
    _ operation: String, _ name: String, _ given: [Int]?, rank: Int
  ) throws(ShapeError) -> [Int] {
    guard let given else { return [Int](repeating: 1, count: rank) }
    guard given.count == rank else {
      throw ShapeError(operation, "\(name) \(text(given)) for \(rank) spatial axes; needs one number each")
    }
    guard given.allSatisfy({ $0 >= 1 }) else {
      throw ShapeError(operation, "\(name) \(text(given)) must be at least 1")
    }
    guard given.allSatisfy({ $0 <= mostOnAnAxis }) else {
      throw ShapeError(operation, "\(name) \(text(given)): more than the \(mostOnAnAxis) that an axis takes")
    }
    return given
  }
#endif
