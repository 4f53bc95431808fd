/// The version of this library, which model files record.
public let descentVersion = "0.1.0"
