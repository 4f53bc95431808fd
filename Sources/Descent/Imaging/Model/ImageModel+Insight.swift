import DescentCPU
import DescentCore

extension ImageModel {
  /// How much the logit of a class changes with each pixel: the largest magnitude of its gradient over the channels
  /// (Simonyan et al. 2014).  // [height][width]
  public func saliency(of image: Image, class label: Int) -> [[Double]] {
    let slopes = gradient(at: inputs(of: image)) { x in
      network(x).slice(axis: 1, from: label, count: 1).sum()
    }.array(of: Double.self)
    return (0..<shape.height).map { row in
      (0..<shape.width).map { column in
        let start = (row * shape.width + column) * shape.channels
        return slopes[start..<start + shape.channels].reduce(0) { max($0, abs($1)) }
      }
    }
  }

  /// What a layer makes of an image.
  public struct FeatureMaps: Sendable {
    /// The path of the layer and its type.
    public let layer: String
    /// [channel][row][column]
    public let maps: [[[Double]]]
  }

  /// What the layers that give pixels make of an image, each with up to so many of its channels.
  public func featureMaps(of image: Image, channels most: Int = 16) -> [FeatureMaps] {
    let (_, calls) = observingLayers { network(inputs(of: image)) }
    let isLeaf = { (call: LayerCall) in !calls.contains { $0.path.hasPrefix(call.path + ".") } }
    return calls.filter { $0.output.rank == 4 && isLeaf($0) }.map { call in
      let extents = call.output.shape
      let values = call.output.array(of: Double.self)
      let maps = (0..<min(most, extents[3])).map { channel in
        (0..<extents[1]).map { row in
          (0..<extents[2]).map { values[(row * extents[2] + $0) * extents[3] + channel] }
        }
      }
      return FeatureMaps(layer: "\(call.path) \(type(of: call.layer))", maps: maps)
    }
  }

  /// What the first layer with weights looks for, [output][row][column][channel]: the windows of a convolution, or of a
  /// dense layer the weights at their pixels, windows as large as the image; empty if neither comes first.
  public func firstFilters() -> [[[[Double]]]] {
    let (_, calls) = observingLayers { network(Tensor.zeros([1] + shape.axes)) }
    let first = calls.lazy.compactMap { call -> Tensor? in
      switch call.layer {
      case let layer as Convolution: layer.weight
      case let layer as Dense: layer.weight
      default: nil
      }
    }.first
    guard var weight = first else { return [] }
    if weight.rank == 2 && weight.shape[0] == shape.count { weight = weight.reshaped(shape.axes + [-1]) }
    guard weight.rank == 4 else { return [] }
    let extents = weight.shape
    let values = weight.array(of: Double.self)
    return (0..<extents[3]).map { output in
      (0..<extents[0]).map { row in
        (0..<extents[1]).map { column in
          (0..<extents[2]).map { values[((row * extents[1] + column) * extents[2] + $0) * extents[3] + output] }
        }
      }
    }
  }
}
