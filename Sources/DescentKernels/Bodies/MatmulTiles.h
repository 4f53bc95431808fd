// The innermost loops of matrix products of one floating type. The including file defines TYPE (suffix), SCALAR,
// VECTOR (one register), WIDTH (its lanes), TALLEST (rows of the tallest tile), COMPACT_TILES and the partial
// loads and stores.
//
// C is covered by tiles of up to TALLEST rows and two vectors, held in registers while p runs over K.
// Accumulators start from C for every block of K after the first, so an element is one chain in order of p
// whatever the tile and the blocks are.

#define NAME(x) PASTE(x, TYPE)
#define EACH(i, count) _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)

typedef struct {
  int64_t k, aRow, aColumn, bRow, cRow;
  int accumulate;
  size_t width;                   // columns of this tile, up to 2·WIDTH
  int64_t aStep;                  // from a row of a tile to that row of the next, for each row between them
  int aPacked;                    // a transposed A is packed tile by tile: the tile's height is its aColumn
  int finishes;                   // whether this is the last block of K and something follows the chain
  int32_t activation;
  const SCALAR *bias, *residual;  // at this tile's columns; at its first element
  int64_t residualRow;
  const int32_t *offsets;         // where in A each run of columns begins (gathered), or in B each of rows (shifted)
  int64_t run;                    // columns of A in a run
} NAME(tile);

enum { NAME(AHEAD) = 8 };         // rows of B, and of a transposed A, that are fetched before they are needed

// One tile: `order` is how A lies; `vectors` is 1, 2 or 4; a `ragged` tile has masked columns.
INLINE void NAME(multiply_tile)(const int rows, const int order, const int vectors, const int ragged,
                                const NAME(tile) *tile, const SCALAR *a, const SCALAR *b, SCALAR *c) {
  VECTOR sum[TALLEST][4];
  const int transposed = order == COLUMNS_ADJACENT;
  int64_t aRow = transposed && !COMPACT_TILES ? 1 : tile->aRow;
  int64_t aColumn = order != ROWS_ADJACENT || COMPACT_TILES ? tile->aColumn : 1;
  const int32_t *offset = tile->offsets;
  int64_t bRow = tile->bRow, cRow = tile->cRow;
  size_t lastWidth = tile->width - (size_t)(vectors - 1) * WIDTH;
  (void)lastWidth;
#define LOAD(p, v) ((ragged && (v) == vectors - 1) ? NAME(load_columns)((p) + (v) * WIDTH, lastWidth)                  \
                                                   : NAME(load_register)((p) + (v) * WIDTH))
  if (tile->accumulate) {
    EACH(i, rows) EACH(v, vectors) sum[i][v] = LOAD(c + i * cRow, v);
  } else {
    EACH(i, rows) EACH(v, vectors) sum[i][v] = (VECTOR)(SCALAR)0;
  }
  int64_t run;
  const SCALAR *origin = b;
  for (int64_t rest = tile->k; rest > 0; rest -= run) {
    run = order >= GATHERED && tile->run < rest ? tile->run : rest;
    // Three rows share a pointer: the others are reached by scaled addressing.
    const SCALAR *row[(TALLEST + 2) / 3], *first = a;
    if (order == GATHERED) first += *offset++;
    if (order == SHIFTED) first += tile->k - rest, b = origin + *offset++;
    EACH(i, (rows + 2) / 3) row[i] = first + 3 * i * aRow;
#pragma clang loop unroll(disable)
    for (int64_t p = run; p > 0; p--) {
      VECTOR x[4];
      EACH(v, vectors) x[v] = LOAD(b, v);
      if (rows > 2 && order != SHIFTED) {
        EACH(v, vectors) __builtin_prefetch(b + NAME(AHEAD) * bRow + v * WIDTH);
        if (transposed) __builtin_prefetch(row[0] + NAME(AHEAD) * aColumn);
        if (transposed) __builtin_prefetch(row[0] + NAME(AHEAD) * aColumn + rows - 1);
      }
      EACH(i, rows) {
        VECTOR y = (VECTOR)row[i / 3][i % 3 * aRow];
        EACH(v, vectors) sum[i][v] = MULTIPLY_ADD(y, x[v], sum[i][v]);
      }
      EACH(i, (rows + 2) / 3) row[i] += aColumn;
      b += bRow;
    }
  }
  if (!COMPACT_TILES && tile->finishes) {
    if (tile->bias) {
      EACH(v, vectors) {
        VECTOR bias = LOAD(tile->bias, v);
        EACH(i, rows) sum[i][v] += bias;
      }
    }
    if (tile->residual) EACH(i, rows) EACH(v, vectors) sum[i][v] += LOAD(tile->residual + i * tile->residualRow, v);
    if (tile->activation == DK_RELU) {
      EACH(i, rows) EACH(v, vectors) sum[i][v] = sum[i][v] <= 0 ? (VECTOR)(SCALAR)0 : sum[i][v];
    }
  }
  EACH(i, rows) EACH(v, vectors) {
    if (ragged && v == vectors - 1) NAME(store_columns)(c + i * cRow + v * WIDTH, sum[i][v], lastWidth);
    else NAME(store_register)(c + i * cRow + v * WIDTH, sum[i][v]);
  }
#undef LOAD
}

// What follows the chain, where C is already in memory.
static void NAME(finish)(const NAME(tile) *tile, int64_t rows, int64_t columns, SCALAR *c) {
  for (int64_t i = 0; i < rows; i++, c += tile->cRow) {
    for (int64_t j = 0; j < columns && tile->bias; j++) c[j] += tile->bias[j];
    for (int64_t j = 0; j < columns && tile->residual; j++) c[j] += tile->residual[i * tile->residualRow + j];
    for (int64_t j = 0; j < columns && tile->activation == DK_RELU; j++) c[j] = c[j] <= 0 ? 0 : c[j];
  }
}

typedef void (*NAME(tile_function))(const NAME(tile) *tile, const SCALAR *a, const SCALAR *b, SCALAR *c);

INLINE void NAME(run_tile)(NAME(tile_function) function, const NAME(tile) *tile, int64_t height, const SCALAR *a,
                           const SCALAR *b, SCALAR *c) {
  function(tile, a, b, c);
  if (COMPACT_TILES && tile->finishes) NAME(finish)(tile, height, (int64_t)tile->width, c);
}

#define TILE_NAME(rows, kind) PASTE(tile_##rows##_##kind, TYPE)
#define DEFINE_TILE(rows, kind, order, vectors, ragged)                                                                \
  static __attribute__((noinline)) void TILE_NAME(rows, kind)(const NAME(tile) *tile, const SCALAR *a,                 \
                                                              const SCALAR *b, SCALAR *c) {                            \
    NAME(multiply_tile)(rows, order, vectors, ragged, tile, a, b, c);                                                  \
  }
#define DEFINE_TILES(kind, order, vectors, ragged)                                                                     \
  DEFINE_TILE(1, kind, order, vectors, ragged)                                                                         \
  DEFINE_TILE(2, kind, order, vectors, ragged)                                                                         \
  DEFINE_TILE(3, kind, order, vectors, ragged)                                                                         \
  DEFINE_TILE(4, kind, order, vectors, ragged)                                                                         \
  DEFINE_TILE(5, kind, order, vectors, ragged)                                                                         \
  DEFINE_TILE(6, kind, order, vectors, ragged)                                                                         \
  DEFINE_TALL_TILES(kind, order, vectors, ragged)                                                                      \
  static const NAME(tile_function) NAME(tiles_##kind)[TALLEST] = {                                                     \
    TILE_NAME(1, kind), TILE_NAME(2, kind), TILE_NAME(3, kind), TILE_NAME(4, kind), TILE_NAME(5, kind),                \
    TILE_NAME(6, kind) TALL_TILE_NAMES(kind)                                                                           \
  };
#if TALLEST > 6
#define DEFINE_TALL_TILES(kind, order, vectors, ragged)                                                                \
  DEFINE_TILE(7, kind, order, vectors, ragged)                                                                         \
  DEFINE_TILE(8, kind, order, vectors, ragged)                                                                         \
  DEFINE_TILE(9, kind, order, vectors, ragged)                                                                         \
  DEFINE_TILE(10, kind, order, vectors, ragged)                                                                        \
  DEFINE_TILE(11, kind, order, vectors, ragged)                                                                        \
  DEFINE_TILE(12, kind, order, vectors, ragged)                                                                        \
  DEFINE_TILE(13, kind, order, vectors, ragged)                                                                        \
  DEFINE_TILE(14, kind, order, vectors, ragged)
#define TALL_TILE_NAMES(kind)                                                                                          \
  , TILE_NAME(7, kind), TILE_NAME(8, kind), TILE_NAME(9, kind), TILE_NAME(10, kind), TILE_NAME(11, kind),              \
    TILE_NAME(12, kind), TILE_NAME(13, kind), TILE_NAME(14, kind)
#else
#define DEFINE_TALL_TILES(kind, order, vectors, ragged)
#define TALL_TILE_NAMES(kind)
#endif

DEFINE_TILES(rows, ROWS_ADJACENT, 2, 0)
#if COMPACT_TILES
INLINE const NAME(tile_function) *NAME(whole_tiles)(int order) { return (void)order, NAME(tiles_rows); }
#else
DEFINE_TILES(columns, COLUMNS_ADJACENT, 2, 0)
DEFINE_TILES(gathered, GATHERED, 2, 0)
DEFINE_TILES(shifted, SHIFTED, 2, 0)
#define TILES_OF(order, kind)                                                                                          \
  ((order) == GATHERED ? NAME(tiles_gathered##kind)                                                                    \
                       : (order) == COLUMNS_ADJACENT ? NAME(tiles_columns##kind) : NAME(tiles_rows##kind))
INLINE const NAME(tile_function) *NAME(whole_tiles)(int order) { return TILES_OF(order, ); }
#endif
#if MASKED_TILES
DEFINE_TILES(rows_ragged, ROWS_ADJACENT, 2, 1)
DEFINE_TILES(columns_ragged, COLUMNS_ADJACENT, 2, 1)
DEFINE_TILES(gathered_ragged, GATHERED, 2, 1)
DEFINE_TILES(rows_narrow, ROWS_ADJACENT, 1, 1)
DEFINE_TILES(columns_narrow, COLUMNS_ADJACENT, 1, 1)
DEFINE_TILES(gathered_narrow, GATHERED, 1, 1)
#endif

// One or two rows are too few chains to hide the latency of an addition, unless the tile is wider.
enum { NAME(FEW_ROWS) = 2, NAME(WIDE) = 4 * WIDTH };
DEFINE_TILE(1, rows_wide, ROWS_ADJACENT, 4, 0)
DEFINE_TILE(2, rows_wide, ROWS_ADJACENT, 4, 0)
