package import DescentCore

/// One operation of `Tensor`, with what is needed to test it on any engine.
package struct OpRow: Sendable {
  package typealias Function = @Sendable ([Tensor]) -> Tensor
  package typealias Reference = @Sendable ([HostArray]) -> HostArray

  package var name: String
  /// How each operand is drawn.
  package var samples: [Sample]
  /// The operands' shapes, one list a case.
  package var shapes: [[[Int]]]
  /// Integer and boolean types the operation accepts where it accepts reals.
  package var integerTypes: [DType] = []
  package var isDifferentiable = true
  /// Whether the derivative is that of the value, as differences of values see it.
  package var isSmooth = true
  /// Whether the values depend on the element type by more than rounding, as random numbers do.
  package var dependsOnType = false
  /// How much more than usual rounding errors may be magnified.
  package var looseness = 1.0
  package var function: Function
  /// The operation in plain loops over doubles, written independently of the library.
  package var reference: Reference?

  package init(
    _ name: String, _ samples: [Sample], _ shapes: [[[Int]]], integerTypes: [DType] = [],
    isDifferentiable: Bool = true, isSmooth: Bool = true, dependsOnType: Bool = false, looseness: Double = 1,
    reference: Reference? = nil, function: @escaping Function
  ) {
    self.name = name
    self.samples = samples
    self.shapes = shapes
    self.integerTypes = integerTypes
    self.isDifferentiable = isDifferentiable
    self.isSmooth = isSmooth
    self.dependsOnType = dependsOnType
    self.looseness = looseness
    self.function = function
    self.reference = reference
  }
}

/// The operations every engine must agree on.
package enum OpTable {
  package static let rows: [OpRow] =
    unaryRows + specialValueRows + binaryRows + conversionRows + reductionRows + positionRows + scanRows
    + productScanRows + shapeRows + sliceRows + joiningRows + lookupRows + sortingRows + productRows + diagonalRows
    + convolutionRows + poolingRows
    + einsumRows + derivativeRows + compositeRows + randomRows

  static let signed: [DType] = [.int32, .int64]
  static let integers: [DType] = [.uint8, .int32, .int64]
  static let integersAndBool: [DType] = [.bool, .uint8, .int32, .int64]
}
