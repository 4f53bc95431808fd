// A share of a kernel's work.

typedef struct { int64_t start, end; } span;

// This part's share of `total` items, cut at multiples of `grain`: shares differ by one grain at most.
INLINE span span_of(int64_t total, int64_t grain, const dk_context *context) {
  if (context->parts <= 1) return (span){0, total};
  int64_t grains = (total + grain - 1) / grain, each = grains / context->parts, rest = grains % context->parts;
  int64_t part = context->part, first = part * each + (part < rest ? part : rest);
  int64_t start = first * grain, end = (first + each + (part < rest)) * grain;
  return (span){start < total ? start : total, end < total ? end : total};
}
