public import DescentCore

/// The learning rate as a function of the step number.
///
/// Steps count from 1. A number is the schedule that stays at it:
///
/// ```swift
/// Adam(learningRate: 3e-4)
/// Adam(learningRate: .warmUp(100, then: .cosine(3e-4, period: 10_000)))
/// ```
public struct Schedule: Sendable {
  private let rate: @Sendable (_ step: Tensor) -> Tensor

  /// A schedule from a function of the step number, a float tensor of rank 0.
  public init(_ rate: @escaping @Sendable (_ step: Tensor) -> Tensor) { self.rate = rate }

  /// The same learning rate at every step.
  public init(_ learningRate: Double) { rate = { _ in Tensor(weak: learningRate) } }

  /// The learning rate of a step (rank 0, counted from 1), in the step's element type.
  public func callAsFunction(_ step: Tensor) -> Tensor { rate(step).cast(to: step.dtype) }

  /// The learning rate of a step counted from 1, computed in float64 on the host.
  public func value(at step: Int) -> Double {
    do {
      return try Engine.interpreter.compute([self(Tensor(step, dtype: .float64))])[0][0].real
    } catch {
      fatalError(error.description)
    }
  }
}

extension Schedule: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  public init(floatLiteral value: Double) { self.init(value) }
  public init(integerLiteral value: Int) { self.init(Double(value)) }
}

/// What can be given as a learning rate: a schedule, or a number that stays.
public protocol ScheduleConvertible {
  var schedule: Schedule { get }
}

extension Schedule: ScheduleConvertible {
  public var schedule: Schedule { self }
}
extension Double: ScheduleConvertible {
  public var schedule: Schedule { Schedule(self) }
}
extension Float: ScheduleConvertible {
  public var schedule: Schedule { Schedule(Double(self)) }
}
extension Int: ScheduleConvertible {
  public var schedule: Schedule { Schedule(Double(self)) }
}
