/// Something about a table that may spoil what is learned from it; `description` is one sentence.
public enum DataCheck: Sendable, Equatable, CustomStringConvertible {
  case fewRows(count: Int)
  case singleClass(target: String, value: String)
  case rareClasses(target: String, classes: [String])
  case missingTargets(target: String, count: Int)
  case emptyColumn(String)
  case constantColumn(String, value: String)
  case identifier(column: String, reason: String)
  case mostlyNumbers(column: String, numbers: Int, others: Int, example: String, line: Int?)
  case duplicateRows(count: Int, line: Int?, stayTogether: Bool)
  case equalColumns(String, String)
  case leakage(column: String, target: String, correlation: Double)

  public var description: String {
    switch self {
    case .fewRows(let count):
      "There are only \(counted(count, "row")), too few to trust any score."
    case .singleClass(let target, let value):
      "\"\(target)\" is always \"\(value)\", so there is nothing to predict."
    case .rareClasses(let target, let classes):
      "\"\(target)\" has fewer than 5 rows of \(counted(classes.count, "class", "classes")) (\(listed(classes)))."
    case .missingTargets(let target, let count):
      "\"\(target)\" is missing in \(counted(count, "row")), which cannot be learned from."
    case .emptyColumn(let column):
      "\"\(column)\" has no value in any row."
    case .constantColumn(let column, let value):
      "\"\(column)\" is always \"\(value)\", so nothing can be learned from it."
    case .identifier(let column, let reason):
      "\"\(column)\" is not used: \(reason)."
    case .mostlyNumbers(let column, let numbers, let others, let example, let line):
      "\"\(column)\" is read as categories although \(counted(numbers, "cell holds a number", "cells hold numbers")), "
        + "because \(counted(others, "does", "do")) not "
        + "(first \"\(example)\"\(line.map { " in line \($0)" } ?? ""))."
    case .duplicateRows(let count, let line, let stayTogether):
      "\(counted(count, "row repeats", "rows repeat")) an earlier row"
        + "\(line.map { " (first in line \($0))" } ?? ""); "
        + (stayTogether
          ? "a split keeps equal rows in one part." : "with so many, equal rows fall into several parts of a split.")
    case .equalColumns(let first, let second):
      "\"\(first)\" and \"\(second)\" hold the same values."
    case .leakage(let column, let target, let correlation):
      "\"\(column)\" all but gives \"\(target)\" away (correlation \(shortText(correlation))): "
        + "make sure it is known before \"\(target)\" is."
    }
  }
}
