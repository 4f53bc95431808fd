/// The images of a data set as they are used: to train, to validate, and to test.
struct ImageParts {
  let training: ImageSet
  let validation: ImageSet
  let test: ImageSet

  /// Fewer of a class leave none for a part.
  private static let fewest = 3

  init(_ data: ImageData, _ configuration: ImageConfiguration) throws(ImageModelError) {
    let whole = data.training
    try Self.check(whole, data.path)
    var counts = [Int](repeating: 0, count: whole.classes.count)
    for label in whole.labels { counts[label] += 1 }
    let present = counts.indices.filter { counts[$0] > 0 }
    guard present.count > 1 else { throw .oneClass(source: data.path, name: whole.classes[present[0]]) }
    if let rare = present.first(where: { counts[$0] < Self.fewest }) {
      throw .tooFewImages(
        source: data.path, name: whole.classes[rare], found: counts[rare], expected: Self.fewest)
    }
    let shares = (
      validation: data.validation == nil ? configuration.validationShare : 0,
      test: data.test == nil ? configuration.testShare : 0
    )
    let split: Split
    do {
      split = try whole.split(validation: shares.validation, test: shares.test, seed: configuration.seed)
    } catch {
      throw .configuration(ConfigurationProblem(error.description, of: "testShare", "validationShare"))
    }
    training = whole.subset(split.train)
    validation = data.validation ?? whole.subset(split.validation)
    test = data.test ?? whole.subset(split.test)
  }

  /// What no model could be made for.
  private static func check(_ images: ImageSet, _ path: String) throws(ImageModelError) {
    guard images.shape.isPlausible else {
      throw .file(
        ModelFileError(
          path,
          "expected images of at most \(ImageShape.mostSide) pixels on a side and \(ImageShape.mostNumbers) numbers, "
            + "found \(images.shape)"))
    }
    guard images.classes.count <= TargetEncoding.maximumClasses else {
      throw .file(
        ModelFileError(path, "expected at most \(TargetEncoding.maximumClasses) classes, found \(images.classes.count)")
      )
    }
  }
}
