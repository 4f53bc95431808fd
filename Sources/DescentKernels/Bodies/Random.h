// Rows of random numbers, LANES blocks of the generator at a time.

// Two words of 32 bits become neighbours in memory: the first is the low half.
INLINE i64v interleave(u32v first, u32v second) {
  return (i64v)(CONVERT(u64v, first) | CONVERT(u64v, second) << 32);
}

// Numbers made by the blocks of one row in a share.
static void random_row(const dk_random_arguments *arguments, const int32_t *key, span share, char *output) {
  u32v lane;
  for (int i = 0; i < LANES; i++) lane[i] = (uint32_t)i;
  int isDouble = arguments->dtype == DK_FLOAT64;
  size_t bytes = (size_t)arguments->count * (isDouble ? 8 : 4) - (size_t)share.start * 8;
  output += share.start * 8;
  for (int64_t block = share.start; block < share.end; block += LANES) {
    threefry_words w = threefry((uint32_t)key[0], (uint32_t)key[1], lane + (uint32_t)block, (u32v)arguments->stream);
    i64v bits;
    if (isDouble) {
      u64v word = CONVERT(u64v, w.word0) << 32 | CONVERT(u64v, w.word1);
      bits = (i64v)(CONVERT(f64v, (i64v)(word >> 11)) * 0x1p-53);
    } else if (arguments->dtype == DK_FLOAT32) {
      bits = interleave((u32v)(CONVERT(f32v, (i32v)(w.word0 >> 8)) * 0x1p-24f),
                        (u32v)(CONVERT(f32v, (i32v)(w.word1 >> 8)) * 0x1p-24f));
    } else {
      bits = interleave(w.word0, w.word1);
    }
    if (bytes < sizeof bits) {
      __builtin_memcpy(output, &bits, bytes);
      return;
    }
    __builtin_memcpy(output, &bits, sizeof bits);
    output += sizeof bits, bytes -= sizeof bits;
  }
}

static void random_bits(const void *opaque, dk_context *context) {
  const dk_random_arguments *arguments = opaque;
  int64_t rowBytes = arguments->count * (arguments->dtype == DK_FLOAT64 ? 8 : 4), rows = arguments->batch;
  int64_t blocks = arguments->dtype == DK_FLOAT64 ? arguments->count : (arguments->count + 1) / 2;
  span row = rows > 1 ? span_of(rows, 1, context) : (span){0, rows};
  span share = rows > 1 ? (span){0, blocks} : span_of(blocks, 16, context);
  for (int64_t i = row.start; i < row.end; i++) {
    random_row(arguments, arguments->keys + 2 * i, share, (char *)arguments->output + i * rowBytes);
  }
}
