// Sums and extremes of one element type along the middle axis. The including file defines TYPE (a suffix), SCALAR,
// VECTOR, IS_NAN, ADD and ADD_ONE, MAXIMUM and MINIMUM of vectors, LEAST and MOST.
//
// Order of a sum: 32 interleaved chains when the axis is innermost, else one chain a column; 16 terms a chain in
// sequence, then runs of 16, 32, 64, … are added in pairs. It depends on `count` alone, never on the level,
// and the error grows like log(count).

#define NAME(x) PASTE(x, TYPE)

typedef struct { VECTOR part[32 / LANES]; } NAME(lanes);
#define EACH_PART for (int i = 0; i < 32 / LANES; i++)

INLINE NAME(lanes) NAME(combine)(int32_t reduction, NAME(lanes) a, NAME(lanes) b) {
  EACH_PART {
    VECTOR x = a.part[i], y = b.part[i];
    a.part[i] = reduction == DK_SUM ? ADD(x, y) : reduction == DK_MAX ? MAXIMUM(x, y) : MINIMUM(x, y);
  }
  return a;
}

// Adds up runs of equal length in pairs, like carrying in a binary counter.
typedef struct { NAME(lanes) level[48]; uint64_t runs; } NAME(counter);
INLINE void NAME(push)(NAME(counter) *counter, NAME(lanes) value) {
  int level = 0;
  for (uint64_t runs = counter->runs++; (runs & 1) != 0; runs >>= 1, level++) {
    value = NAME(combine)(DK_SUM, counter->level[level], value);
  }
  counter->level[level] = value;
}
INLINE NAME(lanes) NAME(total)(const NAME(counter) *counter, NAME(lanes) value) {
  int level = 0;
  for (uint64_t runs = counter->runs; runs != 0; runs >>= 1, level++) {
    if ((runs & 1) != 0) value = NAME(combine)(DK_SUM, counter->level[level], value);
  }
  return value;
}

// `rows` rows of `width` <= 32 neighbours, `stride` apart, each column by itself.
INLINE NAME(lanes) NAME(columns)(int32_t reduction, const SCALAR *p, int64_t rows, int64_t stride, int64_t width,
                                 SCALAR identity) {
  NAME(lanes) sum, x;
  EACH_PART sum.part[i] = x.part[i] = (VECTOR)identity;
  if (width == 32) {
    for (int64_t row = 0; row < rows; row++, p += stride) {
      EACH_PART x.part[i] = NAME(load)(p + i * LANES);
      sum = NAME(combine)(reduction, sum, x);
    }
  } else if (width <= LANES) {
    for (int64_t row = 0; row < rows; row++, p += stride) {
      VECTOR y = NAME(load_part)(p, (size_t)width), z = sum.part[0];
      sum.part[0] = reduction == DK_SUM ? ADD(z, y) : reduction == DK_MAX ? MAXIMUM(z, y) : MINIMUM(z, y);
    }
  } else {
    for (int64_t row = 0; row < rows; row++, p += stride) {
      EACH_PART {
        int64_t rest = width - i * LANES;
        if (rest > 0) x.part[i] = NAME(load_part)(p + i * LANES, (size_t)(rest < LANES ? rest : LANES));
      }
      sum = NAME(combine)(reduction, sum, x);
    }
  }
  return sum;
}

// All `count` rows of up to 32 columns.
INLINE NAME(lanes) NAME(down)(int32_t reduction, const SCALAR *p, int64_t count, int64_t stride, int64_t width,
                              SCALAR identity) {
  if (reduction != DK_SUM || count <= 16) return NAME(columns)(reduction, p, count, stride, width, identity);
  NAME(counter) counter;
  counter.runs = 0;
  for (; count >= 16; count -= 16, p += 16 * stride) {
    NAME(push)(&counter, NAME(columns)(DK_SUM, p, 16, stride, width, identity));
  }
  return NAME(total)(&counter, NAME(columns)(DK_SUM, p, count, stride, width, identity));
}

// Lane i joins lane i + 16, then i + 8, 4, 2 and 1, first between vectors, then within one.
INLINE SCALAR NAME(across)(int32_t reduction, NAME(lanes) value) {
#define JOIN(x, y) (reduction == DK_SUM ? ADD(x, y) : reduction == DK_MAX ? MAXIMUM(x, y) : MINIMUM(x, y))
#pragma clang loop unroll(full)
  for (int half = 16 / LANES; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) value.part[i] = JOIN(value.part[i], value.part[i + half]);
  }
  VECTOR x = value.part[0];
#if LANES == 16
  x = JOIN(x, MOVE_UPPER_HALF(x));
#endif
#if LANES >= 8
  x = JOIN(x, UPPER_LANES(x, 4));
#endif
  x = JOIN(x, UPPER_LANES(x, 2));
  x = JOIN(x, UPPER_LANES(x, 1));
  return x[0];
#undef JOIN
}

INLINE SCALAR NAME(line)(int32_t reduction, const SCALAR *p, int64_t count, SCALAR identity) {
  static const SCALAR index[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  int64_t rows = count / 32, rest = count % 32;
  NAME(lanes) sum = NAME(down)(reduction, p, rows, 32, 32, identity);
  p += rows * 32;
  EACH_PART {
    int64_t width = rest - i * LANES;
    if (width <= 0) break;
    VECTOR x = width >= LANES ? NAME(load)(p + i * LANES) : NAME(load_part)(p + i * LANES, (size_t)width);
    if (reduction != DK_SUM && width < LANES) x = NAME(load)(index) < (SCALAR)width ? x : (VECTOR)identity;
    VECTOR y = sum.part[i];
    sum.part[i] = reduction == DK_SUM ? ADD(y, x) : reduction == DK_MAX ? MAXIMUM(y, x) : MINIMUM(y, x);
  }
  return NAME(across)(reduction, sum);
}

// The sum and the extreme of a line, not inlined: several kernels look for them, and none loses by the call.
// In a browser they are one function, to be small.
#ifdef __wasm__
static __attribute__((noinline)) SCALAR NAME(any_of_line)(int32_t reduction, const SCALAR *p, int64_t count) {
  return NAME(line)(reduction, p, count, reduction == DK_SUM ? 0 : reduction == DK_MAX ? LEAST : MOST);
}
#define SUM_OF_LINE(p, count) NAME(any_of_line)(DK_SUM, p, count)
#define EXTREME(reduction, p, count) NAME(any_of_line)(reduction, p, count)
#else
#define SUM_OF_LINE(p, count) NAME(line)(DK_SUM, p, count, 0)
#define EXTREME(reduction, p, count)                                                                                   \
  (reduction == DK_MAX ? NAME(line)(DK_MAX, p, count, LEAST) : NAME(line)(DK_MIN, p, count, MOST))
#endif
#ifdef LONG_LINE
// Comparisons that let a NaN pass unseen depend on fewer before them; NaNs are looked for beside them, in pairs.
INLINE SCALAR NAME(extreme_as)(int32_t reduction, const SCALAR *p, int64_t count) {
  SCALAR identity = reduction == DK_MAX ? LEAST : MOST;
  VECTOR best[8];
  UNORDERED anyNaN = NO_NAN;
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) best[i] = (VECTOR)identity;
  int64_t step = 8 * LANES, rest = count % step;
  for (const SCALAR *end = p + count - rest; p < end; p += step) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 2) {
      VECTOR x = NAME(load)(p + i * LANES), y = NAME(load)(p + (i + 1) * LANES);
      FIND_NAN(anyNaN, x, y);
      best[i] = reduction == DK_MAX ? (x > best[i] ? x : best[i]) : (x < best[i] ? x : best[i]);
      best[i + 1] = reduction == DK_MAX ? (y > best[i + 1] ? y : best[i + 1]) : (y < best[i + 1] ? y : best[i + 1]);
    }
  }
  if (HAS_NAN(anyNaN)) return (SCALAR)__builtin_nan("");
  NAME(lanes) lanes;
  EACH_PART lanes.part[i] = (VECTOR)identity;
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    VECTOR x = lanes.part[i % (32 / LANES)];
    lanes.part[i % (32 / LANES)] = reduction == DK_MAX ? MAXIMUM(x, best[i]) : MINIMUM(x, best[i]);
  }
  SCALAR whole = NAME(across)(reduction, lanes);
  if (rest == 0) return whole;
  SCALAR last = NAME(line)(reduction, p, rest, identity);
  return IS_NAN(last) || (reduction == DK_MAX ? last > whole : last < whole) ? last : whole;
}
INLINE SCALAR NAME(extreme_of_long_line)(int32_t reduction, const SCALAR *p, int64_t count) {
  return reduction == DK_MAX ? NAME(extreme_as)(DK_MAX, p, count) : NAME(extreme_as)(DK_MIN, p, count);
}
#endif
static __attribute__((noinline)) SCALAR NAME(sum_of_line)(const SCALAR *p, int64_t count) {
  return SUM_OF_LINE(p, count);
}
static __attribute__((noinline)) SCALAR NAME(extreme)(int32_t reduction, const SCALAR *p, int64_t count) {
#ifdef LONG_LINE
  if (count >= LONG_LINE) return NAME(extreme_of_long_line)(reduction, p, count);
#endif
  return EXTREME(reduction, p, count);
}
#undef SUM_OF_LINE
#undef EXTREME

INLINE void NAME(reduce_as)(int32_t reduction, const dk_reduce_arguments *arguments, const dk_context *context) {
  SCALAR identity = reduction == DK_SUM ? 0 : reduction == DK_MAX ? LEAST : MOST;
  const SCALAR *input = arguments->input;
  SCALAR *output = arguments->output;
  int64_t count = arguments->count, inner = arguments->inner;
  if (inner == 1) {
    span lines = span_of(arguments->outer, 16, context);
    for (int64_t i = lines.start; i < lines.end; i++) {
      const SCALAR *p = input + i * count;
      output[i] = reduction == DK_SUM ? NAME(sum_of_line)(p, count) : NAME(extreme)(reduction, p, count);
    }
    return;
  }
  int64_t groups = (inner + 31) / 32;
  span share = span_of(arguments->outer * groups, 1, context);
  for (int64_t task = share.start; task < share.end; task++) {
    int64_t outer = task / groups, column = task % groups * 32;
    int64_t width = inner - column < 32 ? inner - column : 32;
    NAME(lanes) sum = NAME(down)(reduction, input + outer * count * inner + column, count, inner, width, identity);
    EACH_PART {
      int64_t rest = width - i * LANES;
      SCALAR *to = output + outer * inner + column + i * LANES;
      if (rest > 0) NAME(store_part)(to, sum.part[i], (size_t)(rest < LANES ? rest : LANES));
    }
  }
}
static void NAME(reduce)(const dk_reduce_arguments *arguments, const dk_context *context) {
#ifdef __wasm__
  NAME(reduce_as)(arguments->reduction, arguments, context);  // one loop for all three, to be small
#else
  if (arguments->reduction == DK_SUM) NAME(reduce_as)(DK_SUM, arguments, context);
  else if (arguments->reduction == DK_MAX) NAME(reduce_as)(DK_MAX, arguments, context);
  else NAME(reduce_as)(DK_MIN, arguments, context);
#endif
}

// The first position of the extreme: NaN counts as the extreme, so it is searched for as one.
static void NAME(arg_reduce)(const dk_arg_reduce_arguments *arguments, const dk_context *context) {
  int64_t count = arguments->count, inner = arguments->inner;
  int most = arguments->reduction == DK_MAX;
  span lines = span_of(arguments->outer, 16, context);
  for (int64_t outer = lines.start; outer < lines.end; outer++) {
    const SCALAR *input = (const SCALAR *)arguments->input + outer * count * inner;
    int32_t *output = arguments->output + outer * inner;
    if (inner == 1) {
      SCALAR extreme = NAME(extreme)(arguments->reduction, input, count);
      int64_t position = 0;
      while (input[position] != extreme && !(IS_NAN(extreme) && IS_NAN(input[position]))) position++;
      *output = (int32_t)position;
      continue;
    }
    for (int64_t column = 0; column < inner; column += 64) {
      int64_t width = inner - column < 64 ? inner - column : 64;
      SCALAR best[64];
      int32_t position[64];
      for (int64_t i = 0; i < width; i++) best[i] = input[column + i], position[i] = 0;
      for (int64_t row = 1; row < count; row++) {
        const SCALAR *p = input + row * inner + column;
        for (int64_t i = 0; i < width; i++) {
          SCALAR x = p[i], y = best[i];
          int better = (most ? x > y : x < y) | (IS_NAN(x) & !IS_NAN(y));
          best[i] = better ? x : y;
          position[i] = better ? (int32_t)row : position[i];
        }
      }
      for (int64_t i = 0; i < width; i++) output[column + i] = position[i];
    }
  }
}

static void NAME(cumulative_sum)(const dk_cumulative_sum_arguments *arguments, const dk_context *context) {
  int64_t count = arguments->count, inner = arguments->inner;
  int64_t step = arguments->reverse ? -inner : inner;
  span lines = span_of(arguments->outer, 1, context);
  for (int64_t outer = lines.start; outer < lines.end; outer++) {
    int64_t begin = outer * count * inner + (arguments->reverse ? (count - 1) * inner : 0);
    const SCALAR *input = (const SCALAR *)arguments->input + begin;
    SCALAR *output = (SCALAR *)arguments->output + begin;
    if (inner == 1) {
      SCALAR sum = 0;
      for (int64_t row = 0; row < count; row++, input += step, output += step) {
        SCALAR x = *input;
        if (arguments->exclusive) *output = sum, sum = ADD_ONE(sum, x);
        else *output = sum = ADD_ONE(sum, x);
      }
      continue;
    }
    for (int64_t row = 0; row < count; row++, input += step, output += step) {
      const SCALAR *addend = arguments->exclusive ? input - step : input;
      for (int64_t i = 0; i < inner; i++) {
        output[i] = row == 0 ? (arguments->exclusive ? 0 : input[i]) : ADD_ONE(output[i - step], addend[i]);
      }
    }
  }
}
#undef NAME
#undef EACH_PART
