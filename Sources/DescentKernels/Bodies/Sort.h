// A stable merge sort of (key, position) pairs in the scratch.
//
// A key is the element's bits as an unsigned number that sorts like the element: NaN greatest, the two zeros equal.
// Descending order complements the keys, so equal elements keep their order and NaN comes first.

typedef struct { uint64_t key, position; } sort_entry;

INLINE uint64_t sort_key(const void *input, int32_t type, int64_t i) {
  const uint64_t sign = 0x8000000000000000ull;
  double x;
  switch (type) {
    case DK_FLOAT32: x = ((const float *)input)[i]; break;
    case DK_FLOAT64: x = ((const double *)input)[i]; break;
    case DK_INT32: return (uint64_t)(int64_t)((const int32_t *)input)[i] ^ sign;
    case DK_INT64: return ((const uint64_t *)input)[i] ^ sign;
    default: return ((const uint8_t *)input)[i];
  }
  if (x != x) return UINT64_MAX;
  x += 0.0;  // -0 becomes 0
  uint64_t bits;
  __builtin_memcpy(&bits, &x, 8);
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

enum { SORTED_RUN = 16 };

static void sort_runs(sort_entry *entries, int64_t count) {
  for (int64_t start = 0; start < count; start += SORTED_RUN) {
    int64_t end = start + SORTED_RUN < count ? start + SORTED_RUN : count;
    for (int64_t i = start + 1; i < end; i++) {
      sort_entry entry = entries[i];
      int64_t j = i;
      for (; j > start && entries[j - 1].key > entry.key; j--) entries[j] = entries[j - 1];
      entries[j] = entry;
    }
  }
}

static void merge_runs(const sort_entry *left, const sort_entry *middle, const sort_entry *end, sort_entry *output) {
  const sort_entry *a = left, *b = middle;
  while (a < middle && b < end) {
    int right = b->key < a->key;
    *output++ = *(right ? b : a);
    a += !right, b += right;
  }
  while (a < middle) *output++ = *a++;
  while (b < end) *output++ = *b++;
}

static void arg_sort(const void *opaque, dk_context *context) {
  const dk_arg_sort_arguments *arguments = opaque;
  int64_t count = arguments->count, inner = arguments->inner;
  uint64_t flip = arguments->descending ? UINT64_MAX : 0;
  span lines = span_of(arguments->outer * inner, 1, context);
  for (int64_t line = lines.start; line < lines.end; line++) {
    int64_t begin = line / inner * count * inner + line % inner;
    sort_entry *entries = context->scratch, *other = entries + count;
    for (int64_t i = 0; i < count; i++) {
      entries[i] = (sort_entry){sort_key(arguments->input, arguments->dtype, begin + i * inner) ^ flip, (uint64_t)i};
    }
    sort_runs(entries, count);
    for (int64_t run = SORTED_RUN; run < count; run *= 2) {
      for (int64_t start = 0; start < count; start += 2 * run) {
        int64_t middle = start + run < count ? start + run : count;
        int64_t end = start + 2 * run < count ? start + 2 * run : count;
        merge_runs(entries + start, entries + middle, entries + end, other + start);
      }
      sort_entry *swap = entries;
      entries = other, other = swap;
    }
    for (int64_t i = 0; i < count; i++) arguments->output[begin + i * inner] = (int32_t)entries[i].position;
  }
}
