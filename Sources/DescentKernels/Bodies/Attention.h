// Attention and its gradient, head by head: a block of queries meets a block of keys at a time, whose scores so stay in
// the caches, and keys that no query of a block sees are left out.
//
// Scores lie with a row for each key and a lane for each query: the largest of a query, its sum and its mask then need
// no work across lanes, keys and values are only copied to whole panels, and a block's queries alone are turned.
//
// Forward, a query keeps its largest score, the sum of its powers and the sum of the values so weighted; where a later
// block of keys has a larger score, both sums are scaled down. The gradient computes the powers again. What a query
// comes to depends on its place in the sequence alone, and sums over queries are taken in order: no result depends on
// the parts.

enum { ATTENTION_PANEL = 2 * LANES, ATTENTION_VECTORS = ATTENTION_QUERIES / LANES };

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

// What a block of queries sees of a block of keys: the first `whole` keys all of them see; the key after these the first
// `blind` queries do not, and of each later key one query more.
typedef struct { int64_t keys, whole, blind; } attention_view;

INLINE attention_view view_of_block(const dk_attention_arguments *arguments, int64_t start, int64_t first,
                                    int64_t limit) {
  attention_view view = {limit - first < ATTENTION_KEYS ? limit - first : ATTENTION_KEYS, 0, 0};
  view.whole = view.keys;
  if (!arguments->isCausal) return view;
  int64_t seen = start + 1 + arguments->keys - arguments->queries - first;
  view.whole = seen < 0 ? 0 : seen < view.keys ? seen : view.keys;
  view.blind = view.whole - seen + 1;
  return view;
}

INLINE f32v lane_numbers(void) {
  static const float numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return load_f32(numbers);
}
// The lanes of vector v from the query `blind` on, `other` in those before.
INLINE f32v where_seen(f32v x, float other, int v, int64_t blind) {
  return lane_numbers() < (float)(blind - v * LANES) ? (f32v)other : x;
}
INLINE float sum_of_lanes(f32v x) {
  lanes_f32 lanes = {{x}};
  return across_f32(DK_SUM, lanes);
}
#define EACH_VECTOR_SEEN(j, seen) for (int64_t j = 0; j < (seen); j += LANES)

// MARK: Forward

typedef struct {
  float *keys, *values, *queries, *scores, *largest, *total, *shrink;
} attention_scratch;

// The largest score of each lane of vector v.
static f32v largest_of(const float *scores, const attention_view *view, int v) {
  const float *row = scores + v * LANES;
  f32v best = (f32v)-__builtin_inff();
  int64_t j = 0;
  // By fours, since each comparison waits for the one before.
  for (; j + 4 <= view->whole; j += 4, row += 4 * ATTENTION_QUERIES) {
    f32v a = maximum_f32(load_f32(row), load_f32(row + ATTENTION_QUERIES));
    f32v b = maximum_f32(load_f32(row + 2 * ATTENTION_QUERIES), load_f32(row + 3 * ATTENTION_QUERIES));
    best = maximum_f32(best, maximum_f32(a, b));
  }
  for (; j < view->whole; j++, row += ATTENTION_QUERIES) best = maximum_f32(best, load_f32(row));
  for (int64_t blind = view->blind; j < view->keys; j++, row += ATTENTION_QUERIES) {
    best = maximum_f32(best, where_seen(load_f32(row), -__builtin_inff(), v, blind++));
  }
  return best;
}

// Makes powers of scores, and what the sums so far are to be multiplied by. Whether some of that is not 1.
static int weigh(const attention_scratch *at, const attention_view *view, int64_t count) {
  int shrinks = 0;
  for (int v = 0; v < ATTENTION_VECTORS; v++) {
    f32v before = load_f32(at->largest + v * LANES), largest = maximum_f32(before, largest_of(at->scores, view, v));
    // Scores that are all -∞ so far weigh nothing; later ones may.
    f32v top = largest == -__builtin_inff() ? (f32v)0.0f : largest;
    f32v shrink = before == largest ? (f32v)1.0f : exp_f32(before - top), sum = (f32v)0.0f;
    float *row = at->scores + v * LANES;
    int64_t j = 0;
    for (; j < view->whole; j++, row += ATTENTION_QUERIES) {
      f32v power = exp_f32(load_f32(row) - top);
      store_f32(row, power);
      sum += power;
    }
    for (int64_t blind = view->blind; j < view->keys; j++, row += ATTENTION_QUERIES) {
      f32v power = where_seen(exp_f32(load_f32(row) - top), 0.0f, v, blind++);
      store_f32(row, power);
      sum += power;
    }
    store_f32(at->largest + v * LANES, largest);
    store_f32(at->total + v * LANES, load_f32(at->total + v * LANES) * shrink + sum);
    store_f32(at->shrink + v * LANES, shrink);
  }
  // The lanes beyond the queries hold anything.
  for (int64_t i = 0; i < count; i++) shrinks |= at->shrink[i] != 1;
  return shrinks;
}

static void scale_row(float *row, int64_t count, float factor) {
  int64_t whole = count / LANES * LANES;
  EACH_VECTOR_SEEN(j, whole) store_f32(row + j, load_f32(row + j) * factor);
  for (int64_t j = whole; j < count; j++) row[j] *= factor;
}

static void attend(const dk_attention_arguments *arguments, const attention_scratch *at, int64_t head, int64_t start,
                   int64_t count) {
  int64_t width = arguments->width, whole = attention_padded(width);
  int64_t values = arguments->values, wholeValues = attention_padded(values);
  const float *queries = rows_of_head(arguments, &arguments->query, head) + start * arguments->query.row;
  turn_rows_into_panels(queries, arguments->query.row, count, width, at->queries);
  for (int64_t i = 0; i < ATTENTION_QUERIES; i++) at->largest[i] = -__builtin_inff(), at->total[i] = 0;
  int64_t limit = keys_seen(arguments, start + count - 1);
  float *output = (float *)arguments->output + head * arguments->queries * (values + 2);
  float *largest = output + arguments->queries * values, *reciprocal = largest + arguments->queries;
  float *sums = output + start * values;
  if (limit == 0) __builtin_memset(sums, 0, (size_t)(count * values) * sizeof(float));
  for (int64_t first = 0; first < limit; first += ATTENTION_KEYS) {
    attention_view view = view_of_block(arguments, start, first, limit);
    multiply_panels(ROWS_ADJACENT, 0, view.keys, ATTENTION_QUERIES, width, at->keys + first * whole, whole, at->queries,
                    ATTENTION_PANEL, width * ATTENTION_PANEL, at->scores, ATTENTION_QUERIES);
    if (weigh(at, &view, count) && first > 0) {
      for (int64_t i = 0; i < count; i++) scale_row(sums + i * values, values, at->shrink[i]);
    }
    multiply_panels(COLUMNS_ADJACENT, first > 0, count, values, view.keys, at->scores, ATTENTION_QUERIES,
                    at->values + first * wholeValues, wholeValues, ATTENTION_PANEL, sums, values);
  }
  for (int64_t i = 0; i < count; i++) {
    int isBlind = at->total[i] == 0;
    float factor = isBlind ? 1 : 1 / at->total[i];
    largest[start + i] = isBlind ? 0 : at->largest[i];
    reciprocal[start + i] = factor;
    scale_row(sums + i * values, values, factor);
  }
}

static void attention(const void *opaque, dk_context *context) {
  const dk_attention_arguments *arguments = opaque;
  int64_t blocks = (arguments->queries + ATTENTION_QUERIES - 1) / ATTENTION_QUERIES, packed = -1;
  int64_t keys = attention_padded(arguments->keys), wholeValues = attention_padded(arguments->values);
  attention_scratch at;
  at.keys = context->scratch;
  at.values = at.keys + keys * attention_padded(arguments->width);
  at.queries = at.values + keys * wholeValues;
  at.scores = at.queries + ATTENTION_QUERIES * arguments->width;
  at.largest = at.scores + ATTENTION_QUERIES * ATTENTION_KEYS;
  at.total = at.largest + ATTENTION_QUERIES;
  at.shrink = at.total + ATTENTION_QUERIES;
  span share = span_of(arguments->outer * arguments->inner * blocks, 1, context);
  for (int64_t item = share.start; item < share.end; item++) {
    int64_t head = item / blocks, place = item % blocks;
    if (head != packed) {
      const float *key = rows_of_head(arguments, &arguments->key, head);
      const float *value = rows_of_head(arguments, &arguments->value, head);
      pad_rows(key, arguments->key.row, arguments->keys, arguments->width, at.keys);
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
  float *keys, *values, *queries, *cotangents, *turnedQueries, *turnedCotangents, *scores, *slopes;
} gradient_scratch;

// The cotangents of a head, [queries, width], [keys, width] and [keys, values].
typedef struct { float *queries, *keys, *values; } gradient_sums;

// What belongs to each query of a block.
typedef struct {
  float largest[ATTENTION_QUERIES], reciprocal[ATTENTION_QUERIES], mean[ATTENTION_QUERIES];
} query_terms;

// From scores and the cotangents of weights: weights, and the cotangents of scores.
static void differentiate_scores(const gradient_scratch *at, const attention_view *view, const query_terms *terms) {
  for (int v = 0; v < ATTENTION_VECTORS; v++) {
    f32v largest = load_f32(terms->largest + v * LANES), reciprocal = load_f32(terms->reciprocal + v * LANES);
    f32v mean = load_f32(terms->mean + v * LANES);
    float *score = at->scores + v * LANES, *slope = at->slopes + v * LANES;
    int64_t j = 0;
    for (; j < view->whole; j++, score += ATTENTION_QUERIES, slope += ATTENTION_QUERIES) {
      f32v weight = exp_f32(load_f32(score) - largest) * reciprocal;
      store_f32(score, weight);
      store_f32(slope, (load_f32(slope) - mean) * weight);
    }
    for (int64_t blind = view->blind; j < view->keys; j++, score += ATTENTION_QUERIES, slope += ATTENTION_QUERIES) {
      f32v weight = exp_f32(load_f32(score) - largest) * reciprocal;
      store_f32(score, where_seen(weight, 0.0f, v, blind));
      store_f32(slope, where_seen((load_f32(slope) - mean) * weight, 0.0f, v, blind++));
    }
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
static void differentiate(const dk_attention_arguments *arguments, const gradient_scratch *at,
                          const gradient_sums *sums, int64_t head, int64_t chunk, int64_t start, int64_t count) {
  int64_t width = arguments->width, whole = attention_padded(width);
  int64_t values = arguments->values, wholeValues = attention_padded(values), total = arguments->queries;
  const float *queries = rows_of_head(arguments, &arguments->query, head) + start * arguments->query.row;
  const float *cotangents = rows_of_head(arguments, &arguments->cotangent, head) + start * arguments->cotangent.row;
  pad_rows(queries, arguments->query.row, count, width, at->queries);
  pad_rows(cotangents, arguments->cotangent.row, count, values, at->cotangents);
  turn_rows_into_panels(at->queries, whole, count, width, at->turnedQueries);
  turn_rows_into_panels(at->cotangents, wholeValues, count, values, at->turnedCotangents);
  const float *result = (const float *)arguments->result + head * total * (values + 2);
  const float *largest = result + total * values + start, *reciprocal = largest + total;
  query_terms terms = {{0}, {0}, {0}};
  for (int64_t i = 0; i < count; i++) {
    terms.largest[i] = largest[i], terms.reciprocal[i] = reciprocal[i];
    terms.mean[i] = dot_of_rows(at->cotangents + i * wholeValues, result + (start + i) * values, values);
  }
  int64_t limit = keys_seen(arguments, start + count - 1), step = arguments->chunks * ATTENTION_KEYS;
  float *querySums = sums->queries + start * width;
  if (chunk * ATTENTION_KEYS >= limit) __builtin_memset(querySums, 0, (size_t)(count * width) * sizeof(float));
  for (int64_t first = chunk * ATTENTION_KEYS; first < limit; first += step) {
    attention_view view = view_of_block(arguments, start, first, limit);
    multiply_panels(ROWS_ADJACENT, 0, view.keys, ATTENTION_QUERIES, width, at->keys + first * whole, whole,
                    at->turnedQueries, ATTENTION_PANEL, width * ATTENTION_PANEL, at->scores, ATTENTION_QUERIES);
    multiply_panels(ROWS_ADJACENT, 0, view.keys, ATTENTION_QUERIES, values, at->values + first * wholeValues,
                    wholeValues, at->turnedCotangents, ATTENTION_PANEL, values * ATTENTION_PANEL, at->slopes,
                    ATTENTION_QUERIES);
    differentiate_scores(at, &view, &terms);
    multiply_panels(COLUMNS_ADJACENT, first >= step, count, width, view.keys, at->slopes, ATTENTION_QUERIES,
                    at->keys + first * whole, whole, ATTENTION_PANEL, querySums, width);
    multiply_panels(ROWS_ADJACENT, 1, view.keys, width, count, at->slopes, ATTENTION_QUERIES, at->queries, whole,
                    ATTENTION_PANEL, sums->keys + first * width, width);
    multiply_panels(ROWS_ADJACENT, 1, view.keys, values, count, at->scores, ATTENTION_QUERIES, at->cotangents,
                    wholeValues, ATTENTION_PANEL, sums->values + first * values, values);
  }
}

static void attention_gradient(const void *opaque, dk_context *context) {
  const dk_attention_arguments *arguments = opaque;
  int64_t width = arguments->width, whole = attention_padded(width), values = arguments->values;
  int64_t wholeValues = attention_padded(values), chunks = arguments->chunks;
  int64_t queries = arguments->queries, keys = arguments->keys, paddedKeys = attention_padded(keys);
  gradient_scratch at;
  at.keys = context->scratch;
  at.values = at.keys + paddedKeys * whole;
  at.queries = at.values + paddedKeys * wholeValues;
  at.turnedQueries = at.queries + ATTENTION_QUERIES * whole;
  at.cotangents = at.turnedQueries + ATTENTION_QUERIES * width;
  at.turnedCotangents = at.cotangents + ATTENTION_QUERIES * wholeValues;
  at.scores = at.turnedCotangents + ATTENTION_QUERIES * values;
  at.slopes = at.scores + ATTENTION_QUERIES * (ATTENTION_KEYS + ATTENTION_APART);
  span share = span_of(arguments->outer * arguments->inner * chunks, 1, context);
  for (int64_t item = share.start; item < share.end; item++) {
    int64_t head = item / chunks, chunk = item % chunks;
    if (item == share.start || chunk == 0) {
      const float *key = rows_of_head(arguments, &arguments->key, head);
      const float *value = rows_of_head(arguments, &arguments->value, head);
      pad_rows(key, arguments->key.row, keys, width, at.keys);
      pad_rows(value, arguments->value.row, keys, values, at.values);
    }
    float *output = (float *)arguments->output + head * (chunks * queries * width + keys * (width + values));
    gradient_sums sums = {output + chunk * queries * width, output + chunks * queries * width, NULL};
    sums.values = sums.keys + keys * width;
    for (int64_t first = chunk * ATTENTION_KEYS; first < keys; first += chunks * ATTENTION_KEYS) {
      int64_t count = keys - first < ATTENTION_KEYS ? keys - first : ATTENTION_KEYS;
      __builtin_memset(sums.keys + first * width, 0, (size_t)(count * width) * sizeof(float));
      __builtin_memset(sums.values + first * values, 0, (size_t)(count * values) * sizeof(float));
    }
    for (int64_t start = 0; start < queries; start += ATTENTION_QUERIES) {
      int64_t count = queries - start < ATTENTION_QUERIES ? queries - start : ATTENTION_QUERIES;
      differentiate(arguments, &at, &sums, head, chunk, start, count);
    }
  }
}
#undef EACH_VECTOR_SEEN
