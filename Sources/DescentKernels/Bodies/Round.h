// Rounding to fewer significant bits.

// To bfloat16, ties to even; NaN stays NaN, and what overflows becomes infinite.
INLINE u32v bfloat16_of(u32v bits) {
  u32v rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
  u32v quiet = (bits | 0x400000) & 0xffff0000u;
  return (bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded;
}

static void round_to_bfloat16(const void *opaque, dk_context *context) {
  const dk_round_arguments *arguments = opaque;
  span s = span_of(arguments->count, 64, context);
  const float *input = arguments->input;
  float *output = arguments->output;
  int64_t i = s.start;
  for (; i + LANES <= s.end; i += LANES) store_f32(output + i, (f32v)bfloat16_of((u32v)load_f32(input + i)));
  if (i < s.end) {
    size_t rest = (size_t)(s.end - i);
    store_part_f32(output + i, (f32v)bfloat16_of((u32v)load_part_f32(input + i, rest)), rest);
  }
}
