public import DescentCore

/// Which keys a query attends to.
public enum AttentionMask: Sendable {
  /// All of them.
  case none
  /// Those up to its own place, counted from the end: the last query sees every key.
  case causal
  /// Those where a boolean tensor is true, of a shape that broadcasts to [..., queries, keys].
  case visible(Tensor)
}
