import DescentCore

/// Points of two classes in the plane, −6 ... 6 on both axes, as in the TensorFlow playground.
public enum PointPattern: Int, Sendable, CaseIterable {
  /// A disc inside a ring.
  case circle
  /// The quadrants, by the sign of x·y.
  case xor
  /// Two clouds around ±(2, 2).
  case gauss
  /// Two arms around each other.
  case spiral

  /// An even number of points in random order with their labels, 1 and −1: [count, 2] and [count, 1].
  func points(_ count: Int, noise: Double, key: RandomKey) -> (points: Tensor, labels: Tensor) {
    let keys = key.split(3)
    let (points, labels) = inOrder(count / 2, noise: noise, keys[0], keys[1])
    let order = keys[2].permutation(count)
    return (points.gather(order), labels.gather(order))
  }

  /// `half` points of each class, or 2·`half` points where the class follows from the place.
  private func inOrder(
    _ half: Int, noise: Double, _ first: RandomKey, _ second: RandomKey
  ) -> (points: Tensor, labels: Tensor) {
    switch self {
    case .circle:
      let (inside, outside) = first.split()
      let points = Tensor.concatenate([
        ring(half, from: 0, to: 2.5, key: inside), ring(half, from: 3.5, to: 5, key: outside),
      ])  // [2·half, 2]
      let jittered = points + second.uniform(points.shape, from: -5, to: 5) * noise
      let distance = jittered.squared().sum(axes: [1], keepingAxes: true).sqrt()
      return (points, signs(distance .< 2.5))
    case .xor:
      let places = first.uniform([2 * half, 2], from: -5, to: 5)
      let points = places + 0.3 * (places .> 0).select(Tensor.ones(like: places), -Tensor.ones(like: places))
      let jittered = points + second.uniform(points.shape, from: -5, to: 5) * noise
      let product = jittered.slice(axis: 1, from: 0, count: 1) * jittered.slice(axis: 1, from: 1, count: 1)
      return (points, signs(product .>= 0))
    case .gauss:
      let deviation = (0.5 + 7 * noise).squareRoot()  // the variance goes from 0.5 to 4
      let clouds = [(2.0, first), (-2.0, second)].map { centre, key in
        key.normal([half, 2], mean: centre, standardDeviation: deviation)
      }
      return (.concatenate(clouds), classes(half))
    case .spiral:
      let arms = [(0.0, first), (Double.pi, second)].map { start, key in
        arm(half, from: start) + key.uniform([half, 2], from: -1, to: 1) * noise
      }
      return (.concatenate(arms), classes(half))
    }
  }

  /// Points at radii and angles drawn uniformly: [count, 2].
  private func ring(_ count: Int, from inner: Double, to outer: Double, key: RandomKey) -> Tensor {
    let (radii, angles) = key.split()
    return polar(
      radii.uniform([count, 1], from: inner, to: outer), angles.uniform([count, 1], from: 0, to: 2 * .pi))
  }

  /// r = 5 i/n, t = 3.5π i/n + start: [count, 2].
  private func arm(_ count: Int, from start: Double) -> Tensor {
    let part = Tensor.index(count, dtype: .float32).expanded(axis: 1) / Double(count)  // [count, 1]
    return polar(5 * part, 3.5 * Double.pi * part + start)
  }

  /// (r sin t, r cos t): [count, 1] twice → [count, 2].
  private func polar(_ radius: Tensor, _ angle: Tensor) -> Tensor {
    .concatenate([radius * angle.sin(), radius * angle.cos()], axis: 1)
  }

  /// 1 where true, −1 elsewhere.
  private func signs(_ condition: Tensor) -> Tensor { 2 * condition.cast(to: .float32) - 1 }

  /// 1 for the first half, −1 for the second: [2·half, 1].
  private func classes(_ half: Int) -> Tensor {
    .concatenate([Tensor.ones([half, 1]), -Tensor.ones([half, 1])])
  }
}
