// Attention and its gradient, head by head: a block of queries meets a block of keys at a time, whose scores so stay in
// the caches, and keys that no query of a block sees are left out.
//
// Forward, a row keeps its largest score, the sum of its powers and the sum of the values so weighted; where a later
// block of keys has a larger score, both sums are scaled down. The gradient computes the powers again. What a row comes
// to depends on its place in the sequence alone, and sums over queries are taken in order: no result depends on the
// parts.

enum { ATTENTION_PANEL = 2 * LANES, SCORES_ROW = ATTENTION_KEYS + 16 };

// C = A·B or C += A·B from panels of B that may be read whole; `aStride` is from a row of A to the next, or where its
// columns are adjacent from a column to the next.
static void multiply_panels(int order, int accumulate, int64_t m, int64_t n, int64_t k, const float *a, int64_t aStride,
                            const float *b, int64_t bRow, int64_t bPanel, float *c, int64_t cRow) {
  tile_f32 tile = {.k = k, .accumulate = accumulate, .aRow = 1, .aStep = 1, .aColumn = 1, .bRow = bRow, .cRow = cRow};
  if (order == ROWS_ADJACENT) tile.aRow = tile.aStep = aStride;
  else tile.aColumn = aStride;
  for (int64_t j = 0; j < n; j += ATTENTION_PANEL, b += bPanel) {
    tile.width = (size_t)(n - j < ATTENTION_PANEL ? n - j : ATTENTION_PANEL);
    multiply_panel_f32(m, order, &tile, a, b, c + j);
  }
}

INLINE const float *rows_of_head(const dk_attention_arguments *arguments, const dk_head_rows *rows, int64_t head) {
  int64_t outer = head / arguments->inner, inner = head % arguments->inner;
  return (const float *)rows->data + outer * rows->outer + inner * rows->inner;
}

// Rows of which each takes whole panels, zero beyond `width`.
static void pad_rows(const float *from, int64_t stride, int64_t count, int64_t width, float *to) {
  int64_t whole = attention_padded(width);
  for (int64_t i = 0; i < count; i++, from += stride, to += whole) {
    int64_t j = 0;
    for (; j + LANES <= width; j += LANES) store_f32(to + j, load_f32(from + j));
    if (j < width) store_f32(to + j, load_part_f32(from + j, (size_t)(width - j))), j += LANES;
    for (; j < whole; j += LANES) store_f32(to + j, (f32v)0.0f);
  }
}
// Rows as the columns of panels.
static void turn_rows_into_panels(const float *from, int64_t stride, int64_t count, int64_t width, float *to) {
  for (int64_t i = 0; i < count; i += ATTENTION_PANEL, to += width * ATTENTION_PANEL) {
    int64_t columns = count - i < ATTENTION_PANEL ? count - i : ATTENTION_PANEL;
    pack_columns_f32(from + i * stride, stride, width, columns, to);
  }
}

// How many keys a query sees, always the first ones.
INLINE int64_t keys_seen(const dk_attention_arguments *arguments, int64_t query) {
  int64_t seen = arguments->isCausal ? query + 1 + arguments->keys - arguments->queries : arguments->keys;
  return seen < 0 ? 0 : seen < arguments->keys ? seen : arguments->keys;
}
INLINE int64_t keys_seen_of_block(const dk_attention_arguments *arguments, int64_t query, int64_t first,
                                  int64_t count) {
  int64_t seen = keys_seen(arguments, query) - first;
  return seen < 0 ? 0 : seen < count ? seen : count;
}

// The first `count` lanes, zero in the others.
INLINE f32v lane_numbers(void) {
  static const float numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return load_f32(numbers);
}
INLINE f32v only_first(f32v x, int64_t count) { return lane_numbers() < (float)count ? x : 0.0f; }
INLINE float sum_of_lanes(f32v x) {
  lanes_f32 lanes = {{x}};
  return across_f32(DK_SUM, lanes);
}
// The largest of the first `count` numbers. Their vectors are looked at whole, since rows of a causal block each see
// one number more, and loops of a length that always changes cost more than the numbers.
INLINE float largest_of(const float *p, int64_t count) {
  if (count > 8 * LANES) return extreme_f32(DK_MAX, p, count);
  int64_t last = (count - 1) / LANES * LANES;
  f32v best = lane_numbers() < (float)(count - last) ? load_f32(p + last) : -__builtin_inff();
  for (int64_t j = 0; j < last; j += LANES) best = maximum_f32(best, load_f32(p + j));
  lanes_f32 lanes;
  for (int i = 0; i < 32 / LANES; i++) lanes.part[i] = best;
  return across_f32(DK_MAX, lanes);
}
#define EACH_VECTOR_SEEN(j, seen) for (int64_t j = 0; j < (seen); j += LANES)

// MARK: Forward

typedef struct {
  float *keys, *values, *queries, *scores, *sums, *largest, *total;
} attention_scratch;

// Makes powers of a row's first `seen` scores and zeros of the others up to `end`.
static void weigh_row(float *scores, int64_t seen, int64_t end, int64_t width, float *sums, float *largest,
                      float *total) {
  if (seen > 0) {
    float top = largest_of(scores, seen), before = *largest;
    if (!(top <= before)) *largest = top;
    if (!(top <= before) && before != -__builtin_inff()) {
      float shrink = exp_f32((f32v)(before - top))[0];
      *total *= shrink;
      EACH_VECTOR_SEEN(j, width) store_f32(sums + j, load_f32(sums + j) * shrink);
    }
  }
  // Scores that are all -∞ so far weigh nothing; later ones may.
  if (*largest == -__builtin_inff()) seen = 0;
  int64_t whole = (seen + LANES - 1) / LANES * LANES;
  if (seen > 0) {
    float top = *largest;
    f32v sum = (f32v)0.0f;
    EACH_VECTOR_SEEN(j, whole) {
      f32v power = only_first(exp_f32(load_f32(scores + j) - top), seen - j);
      store_f32(scores + j, power);
      sum += power;
    }
    *total += sum_of_lanes(sum);
  }
  for (int64_t j = whole; j < end; j += LANES) store_f32(scores + j, (f32v)0.0f);
}

static void attend(const dk_attention_arguments *arguments, const attention_scratch *at, int64_t head, int64_t start,
                   int64_t count) {
  int64_t width = arguments->width, whole = attention_padded(width);
  int64_t values = arguments->values, wholeValues = attention_padded(values);
  const float *queries = rows_of_head(arguments, &arguments->query, head) + start * arguments->query.row;
  pad_rows(queries, arguments->query.row, count, width, at->queries);
  __builtin_memset(at->sums, 0, (size_t)(count * wholeValues) * sizeof(float));
  for (int64_t i = 0; i < count; i++) at->largest[i] = -__builtin_inff(), at->total[i] = 0;
  int64_t limit = keys_seen(arguments, start + count - 1);
  for (int64_t first = 0; first < limit; first += ATTENTION_KEYS) {
    int64_t keys = limit - first < ATTENTION_KEYS ? limit - first : ATTENTION_KEYS;
    int64_t columns = (keys + ATTENTION_PANEL - 1) / ATTENTION_PANEL * ATTENTION_PANEL;
    multiply_panels(ROWS_ADJACENT, 0, count, columns, width, at->queries, whole, at->keys + first * width,
                    ATTENTION_PANEL, width * ATTENTION_PANEL, at->scores, SCORES_ROW);
    for (int64_t i = 0; i < count; i++) {
      weigh_row(at->scores + i * SCORES_ROW, keys_seen_of_block(arguments, start + i, first, keys), keys, wholeValues,
                at->sums + i * wholeValues, at->largest + i, at->total + i);
    }
    multiply_panels(ROWS_ADJACENT, 1, count, values, keys, at->scores, SCORES_ROW, at->values + first * wholeValues,
                    wholeValues, ATTENTION_PANEL, at->sums, wholeValues);
  }
  float *output = (float *)arguments->output + head * arguments->queries * (values + 2);
  float *largest = output + arguments->queries * values, *reciprocal = largest + arguments->queries;
  for (int64_t i = 0; i < count; i++) {
    int isBlind = at->total[i] == 0;
    float factor = isBlind ? 1 : 1 / at->total[i];
    largest[start + i] = isBlind ? 0 : at->largest[i];
    reciprocal[start + i] = factor;
    float *from = at->sums + i * wholeValues, *to = output + (start + i) * values;
    for (int64_t j = 0; j < values; j++) to[j] = from[j] * factor;
  }
}

static void attention(const void *opaque, dk_context *context) {
  const dk_attention_arguments *arguments = opaque;
  int64_t blocks = (arguments->queries + ATTENTION_QUERIES - 1) / ATTENTION_QUERIES, packed = -1;
  int64_t keys = attention_padded(arguments->keys), wholeValues = attention_padded(arguments->values);
  attention_scratch at;
  at.keys = context->scratch;
  at.values = at.keys + keys * arguments->width;
  at.queries = at.values + keys * wholeValues;
  at.scores = at.queries + ATTENTION_QUERIES * attention_padded(arguments->width);
  at.sums = at.scores + ATTENTION_QUERIES * SCORES_ROW;
  at.largest = at.sums + ATTENTION_QUERIES * wholeValues;
  at.total = at.largest + ATTENTION_QUERIES;
  span share = span_of(arguments->outer * arguments->inner * blocks, 1, context);
  for (int64_t item = share.start; item < share.end; item++) {
    int64_t head = item / blocks, place = item % blocks;
    if (head != packed) {
      const float *key = rows_of_head(arguments, &arguments->key, head);
      const float *value = rows_of_head(arguments, &arguments->value, head);
      turn_rows_into_panels(key, arguments->key.row, arguments->keys, arguments->width, at.keys);
      pad_rows(value, arguments->value.row, arguments->keys, arguments->values, at.values);
      packed = head;
    }
    // Blocks that see few keys and such that see many in turns, so that shares of a head are equal.
    int64_t start = (place % 2 == 0 ? place / 2 : blocks - 1 - place / 2) * ATTENTION_QUERIES;
    int64_t rest = arguments->queries - start;
    attend(arguments, &at, head, start, rest < ATTENTION_QUERIES ? rest : ATTENTION_QUERIES);
  }
}

// MARK: Gradient

typedef struct {
  float *turnedKeys, *turnedValues, *keys, *keySums, *valueSums;
  float *queries, *cotangents, *querySums, *scores, *slopes;
} gradient_scratch;

// From scores and the cotangents of weights: weights, and the cotangents of scores.
static void differentiate_row(float *scores, float *slopes, int64_t seen, int64_t end, float largest, float reciprocal,
                              float mean) {
  int64_t whole = seen / LANES * LANES;
  EACH_VECTOR_SEEN(j, whole) {
    f32v weight = exp_f32(load_f32(scores + j) - largest) * reciprocal;
    store_f32(scores + j, weight);
    store_f32(slopes + j, (load_f32(slopes + j) - mean) * weight);
  }
  for (int64_t j = whole; j < end; j += LANES) {
    f32v weight = only_first(exp_f32(load_f32(scores + j) - largest) * reciprocal, seen - j);
    store_f32(scores + j, weight);
    store_f32(slopes + j, only_first((load_f32(slopes + j) - mean) * weight, seen - j));
  }
}

static float dot_of_rows(const float *a, const float *b, int64_t count) {
  f32v sum = (f32v)0.0f;
  int64_t whole = count / LANES * LANES;
  EACH_VECTOR_SEEN(j, whole) sum += load_f32(a + j) * load_f32(b + j);
  size_t rest = (size_t)(count - whole);
  if (rest > 0) sum += load_part_f32(a + whole, rest) * load_part_f32(b + whole, rest);
  return sum_of_lanes(sum);
}

// A block of queries against those blocks of keys that belong to a chunk.
static void differentiate(const dk_attention_arguments *arguments, const gradient_scratch *at, int64_t head,
                          int64_t chunk, int64_t start, int64_t count) {
  int64_t width = arguments->width, whole = attention_padded(width);
  int64_t values = arguments->values, wholeValues = attention_padded(values), total = arguments->queries;
  const float *queries = rows_of_head(arguments, &arguments->query, head) + start * arguments->query.row;
  const float *cotangents = rows_of_head(arguments, &arguments->cotangent, head) + start * arguments->cotangent.row;
  pad_rows(queries, arguments->query.row, count, width, at->queries);
  pad_rows(cotangents, arguments->cotangent.row, count, values, at->cotangents);
  const float *result = (const float *)arguments->result + head * total * (values + 2);
  const float *largest = result + total * values + start, *reciprocal = largest + total;
  float means[ATTENTION_QUERIES];
  for (int64_t i = 0; i < count; i++) {
    means[i] = dot_of_rows(at->cotangents + i * wholeValues, result + (start + i) * values, values);
  }
  int64_t limit = keys_seen(arguments, start + count - 1), step = arguments->chunks * ATTENTION_KEYS;
  if (chunk * ATTENTION_KEYS >= limit) __builtin_memset(at->querySums, 0, (size_t)(count * whole) * sizeof(float));
  for (int64_t first = chunk * ATTENTION_KEYS; first < limit; first += step) {
    int64_t keys = limit - first < ATTENTION_KEYS ? limit - first : ATTENTION_KEYS;
    int64_t columns = (keys + ATTENTION_PANEL - 1) / ATTENTION_PANEL * ATTENTION_PANEL;
    multiply_panels(ROWS_ADJACENT, 0, count, columns, width, at->queries, whole, at->turnedKeys + first * width,
                    ATTENTION_PANEL, width * ATTENTION_PANEL, at->scores, SCORES_ROW);
    multiply_panels(ROWS_ADJACENT, 0, count, columns, values, at->cotangents, wholeValues,
                    at->turnedValues + first * values, ATTENTION_PANEL, values * ATTENTION_PANEL, at->slopes,
                    SCORES_ROW);
    for (int64_t i = 0; i < count; i++) {
      int64_t seen = keys_seen_of_block(arguments, start + i, first, keys);
      differentiate_row(at->scores + i * SCORES_ROW, at->slopes + i * SCORES_ROW, seen, keys, largest[i], reciprocal[i],
                        means[i]);
    }
    multiply_panels(ROWS_ADJACENT, first >= step, count, width, keys, at->slopes, SCORES_ROW, at->keys + first * whole,
                    whole, ATTENTION_PANEL, at->querySums, whole);
    multiply_panels(COLUMNS_ADJACENT, 1, keys, width, count, at->slopes, SCORES_ROW, at->queries, whole,
                    ATTENTION_PANEL, at->keySums + first * whole, whole);
    multiply_panels(COLUMNS_ADJACENT, 1, keys, values, count, at->scores, SCORES_ROW, at->cotangents, wholeValues,
                    ATTENTION_PANEL, at->valueSums + first * wholeValues, wholeValues);
  }
}

// Rows of whole panels back to such of `width` elements.
static void unpad_rows(const float *from, int64_t count, int64_t width, float *to) {
  int64_t whole = attention_padded(width);
  for (int64_t i = 0; i < count; i++) {
    __builtin_memcpy(to + i * width, from + i * whole, (size_t)width * sizeof(float));
  }
}

static void attention_gradient(const void *opaque, dk_context *context) {
  const dk_attention_arguments *arguments = opaque;
  int64_t width = arguments->width, whole = attention_padded(width), values = arguments->values;
  int64_t wholeValues = attention_padded(values), chunks = arguments->chunks;
  int64_t queries = arguments->queries, keys = arguments->keys, paddedKeys = attention_padded(keys);
  gradient_scratch at;
  at.turnedKeys = context->scratch;
  at.turnedValues = at.turnedKeys + paddedKeys * width;
  at.keys = at.turnedValues + paddedKeys * values;
  at.keySums = at.keys + paddedKeys * whole;
  at.valueSums = at.keySums + paddedKeys * whole;
  at.queries = at.valueSums + paddedKeys * wholeValues;
  at.querySums = at.queries + ATTENTION_QUERIES * whole;
  at.cotangents = at.querySums + ATTENTION_QUERIES * whole;
  at.scores = at.cotangents + ATTENTION_QUERIES * wholeValues;
  at.slopes = at.scores + ATTENTION_QUERIES * SCORES_ROW;
  span share = span_of(arguments->outer * arguments->inner * chunks, 1, context);
  for (int64_t item = share.start; item < share.end; item++) {
    int64_t head = item / chunks, chunk = item % chunks;
    if (item == share.start || chunk == 0) {
      const float *key = rows_of_head(arguments, &arguments->key, head);
      const float *value = rows_of_head(arguments, &arguments->value, head);
      turn_rows_into_panels(key, arguments->key.row, keys, width, at.turnedKeys);
      pad_rows(key, arguments->key.row, keys, width, at.keys);
      turn_rows_into_panels(value, arguments->value.row, keys, values, at.turnedValues);
    }
    __builtin_memset(at.keySums, 0, (size_t)(paddedKeys * (whole + wholeValues)) * sizeof(float));
    float *output = (float *)arguments->output + head * (chunks * queries * width + keys * (width + values));
    for (int64_t start = 0; start < queries; start += ATTENTION_QUERIES) {
      int64_t count = queries - start < ATTENTION_QUERIES ? queries - start : ATTENTION_QUERIES;
      differentiate(arguments, &at, head, chunk, start, count);
      unpad_rows(at.querySums, count, width, output + (chunk * queries + start) * width);
    }
    float *keyOutput = output + chunks * queries * width, *valueOutput = keyOutput + keys * width;
    for (int64_t first = chunk * ATTENTION_KEYS; first < keys; first += chunks * ATTENTION_KEYS) {
      int64_t count = keys - first < ATTENTION_KEYS ? keys - first : ATTENTION_KEYS;
      unpad_rows(at.keySums + first * whole, count, width, keyOutput + first * width);
      unpad_rows(at.valueSums + first * wholeValues, count, values, valueOutput + first * values);
    }
  }
}
#undef EACH_VECTOR_SEEN
