// Matrix products of one floating type. The including file defines TYPE (suffix), SCALAR, VECTOR (one register),
// WIDTH (its lanes), TALLEST (rows of the tallest tile) and the partial loads and stores.
//
// C is covered by tiles of up to TALLEST rows and two vectors, held in registers while p runs over K.
// Accumulators start from C for every block of K after the first, so an element is one chain in order of p
// whatever the tile and the blocks are. Only operands that do not lie right are packed.

#define NAME(x) PASTE(x, TYPE)
#define EACH(i, count) _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)

typedef struct {
  int64_t k, aRow, aColumn, bRow, cRow;
  int accumulate;
  size_t width;                   // columns of this tile, up to 2·WIDTH
} NAME(tile);

// One tile: `transposed` A has its rows side by side; `vectors` is 1 or 2; a `ragged` tile has masked columns.
INLINE void NAME(multiply_tile)(const int rows, const int transposed, const int vectors, const int ragged,
                                const NAME(tile) *tile, const SCALAR *a, const SCALAR *b, SCALAR *c) {
  VECTOR sum[TALLEST][2];
  int64_t aRow = transposed ? 1 : tile->aRow, aColumn = transposed ? tile->aColumn : 1;
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
  // Three rows share a pointer: the others are reached by scaled addressing.
  const SCALAR *row[(TALLEST + 2) / 3];
  EACH(i, (rows + 2) / 3) row[i] = a + 3 * i * aRow;
#pragma clang loop unroll_count(4)
  for (int64_t p = tile->k; p > 0; p--) {
    VECTOR x[2];
    EACH(v, vectors) x[v] = LOAD(b, v);
    EACH(i, rows) {
      VECTOR y = (VECTOR)row[i / 3][i % 3 * aRow];
      EACH(v, vectors) sum[i][v] = MULTIPLY_ADD(y, x[v], sum[i][v]);
    }
    EACH(i, (rows + 2) / 3) row[i] += aColumn;
    b += bRow;
  }
  EACH(i, rows) EACH(v, vectors) {
    if (ragged && v == vectors - 1) NAME(store_columns)(c + i * cRow + v * WIDTH, sum[i][v], lastWidth);
    else NAME(store_register)(c + i * cRow + v * WIDTH, sum[i][v]);
  }
#undef LOAD
}

typedef void (*NAME(tile_function))(const NAME(tile) *tile, const SCALAR *a, const SCALAR *b, SCALAR *c);

#define TILE_NAME(rows, kind) PASTE(tile_##rows##_##kind, TYPE)
#define DEFINE_TILE(rows, kind, transposed, vectors, ragged)                                                           \
  static __attribute__((noinline)) void TILE_NAME(rows, kind)(const NAME(tile) *tile, const SCALAR *a,                 \
                                                              const SCALAR *b, SCALAR *c) {                            \
    NAME(multiply_tile)(rows, transposed, vectors, ragged, tile, a, b, c);                                             \
  }
#define DEFINE_TILES(kind, transposed, vectors, ragged)                                                                \
  DEFINE_TILE(1, kind, transposed, vectors, ragged)                                                                    \
  DEFINE_TILE(2, kind, transposed, vectors, ragged)                                                                    \
  DEFINE_TILE(3, kind, transposed, vectors, ragged)                                                                    \
  DEFINE_TILE(4, kind, transposed, vectors, ragged)                                                                    \
  DEFINE_TILE(5, kind, transposed, vectors, ragged)                                                                    \
  DEFINE_TILE(6, kind, transposed, vectors, ragged)                                                                    \
  DEFINE_TALL_TILES(kind, transposed, vectors, ragged)                                                                 \
  static const NAME(tile_function) NAME(tiles_##kind)[TALLEST] = {                                                     \
    TILE_NAME(1, kind), TILE_NAME(2, kind), TILE_NAME(3, kind), TILE_NAME(4, kind), TILE_NAME(5, kind),                \
    TILE_NAME(6, kind) TALL_TILE_NAMES(kind)                                                                           \
  };
#if TALLEST > 6
#define DEFINE_TALL_TILES(kind, transposed, vectors, ragged)                                                           \
  DEFINE_TILE(7, kind, transposed, vectors, ragged)                                                                    \
  DEFINE_TILE(8, kind, transposed, vectors, ragged)                                                                    \
  DEFINE_TILE(9, kind, transposed, vectors, ragged)                                                                    \
  DEFINE_TILE(10, kind, transposed, vectors, ragged)                                                                   \
  DEFINE_TILE(11, kind, transposed, vectors, ragged)                                                                   \
  DEFINE_TILE(12, kind, transposed, vectors, ragged)                                                                   \
  DEFINE_TILE(13, kind, transposed, vectors, ragged)                                                                   \
  DEFINE_TILE(14, kind, transposed, vectors, ragged)
#define TALL_TILE_NAMES(kind)                                                                                          \
  , TILE_NAME(7, kind), TILE_NAME(8, kind), TILE_NAME(9, kind), TILE_NAME(10, kind), TILE_NAME(11, kind),              \
    TILE_NAME(12, kind), TILE_NAME(13, kind), TILE_NAME(14, kind)
#else
#define DEFINE_TALL_TILES(kind, transposed, vectors, ragged)
#define TALL_TILE_NAMES(kind)
#endif

DEFINE_TILES(rows, 0, 2, 0)
DEFINE_TILES(columns, 1, 2, 0)
#if MASKED_TILES
DEFINE_TILES(rows_ragged, 0, 2, 1)
DEFINE_TILES(columns_ragged, 1, 2, 1)
DEFINE_TILES(rows_narrow, 0, 1, 1)
DEFINE_TILES(columns_narrow, 1, 1, 1)
#endif

// Rows p of a panel: 2·WIDTH columns of B, zero beyond `width`.
static void NAME(pack_panel)(const SCALAR *b, int64_t bRow, int64_t bColumn, int64_t k, int64_t width, SCALAR *panel) {
  if (width < 2 * WIDTH) __builtin_memset(panel, 0, (size_t)k * 2 * WIDTH * sizeof(SCALAR));
  if (bColumn == 1) {
    for (int64_t p = 0; p < k; p++) {
      for (int64_t j = 0; j < width; j++) panel[p * 2 * WIDTH + j] = b[p * bRow + j];
    }
    return;
  }
  for (int64_t start = 0; start < k; start += 16) {
    int64_t end = start + 16 < k ? start + 16 : k;
    for (int64_t j = 0; j < width; j++) {
      for (int64_t p = start; p < end; p++) panel[p * 2 * WIDTH + j] = b[p * bRow + j * bColumn];
    }
  }
}

// The tiles of one panel of columns, from the top of C to its bottom: their heights differ by one at most.
INLINE void NAME(multiply_tiles)(int64_t rows, const NAME(tile_function) *functions, const NAME(tile) *tile,
                                 const SCALAR *a, const SCALAR *b, SCALAR *c) {
  int64_t tiles = (rows + TALLEST - 1) / TALLEST;
  for (; tiles > 0; tiles--) {
    int64_t height = (rows + tiles - 1) / tiles;
    functions[height - 1](tile, a, b, c);
    a += height * tile->aRow, c += height * tile->cRow, rows -= height;
  }
}

// Columns [0, width) of C, width up to a panel.
static void NAME(multiply_panel)(int64_t rows, int transposed, NAME(tile) *tile, const SCALAR *a, const SCALAR *b,
                                 SCALAR *c) {
  if (tile->width == 2 * WIDTH) {
    NAME(multiply_tiles)(rows, transposed ? NAME(tiles_columns) : NAME(tiles_rows), tile, a, b, c);
    return;
  }
#if MASKED_TILES
  if (tile->width > WIDTH) {
    NAME(multiply_tiles)(rows, transposed ? NAME(tiles_columns_ragged) : NAME(tiles_rows_ragged), tile, a, b, c);
  } else {
    NAME(multiply_tiles)(rows, transposed ? NAME(tiles_columns_narrow) : NAME(tiles_rows_narrow), tile, a, b, c);
  }
#else
  // Without masks a ragged tile is computed beside C; its panel is packed, so it may be read whole.
  for (int64_t row = 0; row < rows; row += TALLEST) {
    int64_t height = rows - row < TALLEST ? rows - row : TALLEST;
    SCALAR whole[TALLEST * 2 * WIDTH];
    NAME(tile) aside = *tile;
    aside.cRow = 2 * WIDTH;
    for (int64_t i = 0; i < height && tile->accumulate; i++) {
      for (size_t j = 0; j < tile->width; j++) whole[i * 2 * WIDTH + (int64_t)j] = c[(row + i) * tile->cRow + (int64_t)j];
      for (size_t j = tile->width; j < 2 * WIDTH; j++) whole[i * 2 * WIDTH + (int64_t)j] = 0;
    }
    (transposed ? NAME(tiles_columns) : NAME(tiles_rows))[height - 1](&aside, a + row * tile->aRow, b, whole);
    for (int64_t i = 0; i < height; i++) {
      for (size_t j = 0; j < tile->width; j++) c[(row + i) * tile->cRow + (int64_t)j] = whole[i * 2 * WIDTH + (int64_t)j];
    }
  }
#endif
}

static void NAME(matmul)(const dk_matmul_arguments *arguments, const SCALAR *a, const SCALAR *b, SCALAR *c,
                         SCALAR *panel) {
  int64_t m = arguments->m, n = arguments->n, k = arguments->k;
  matmul_shape shape = shape_of_matmul(arguments);
  int bPacked = shape.packs;
  for (int64_t p = 0; p < k; p += shape.depth) {
    NAME(tile) tile = {
      .k = k - p < shape.depth ? k - p : shape.depth, .aRow = arguments->aRow, .aColumn = arguments->aColumn,
      .cRow = arguments->cRow, .accumulate = p > 0,
    };
    const SCALAR *aBlock = a + p * arguments->aColumn;
    const SCALAR *bBlock = b + p * arguments->bRow;
    for (int64_t i = 0; i < m; i += shape.height) {
      int64_t height = m - i < shape.height ? m - i : shape.height;
      for (int64_t j = 0; j < n; j += 2 * WIDTH) {
        tile.width = (size_t)(n - j < 2 * WIDTH ? n - j : 2 * WIDTH);
        const SCALAR *columns = bBlock + j * arguments->bColumn;
        tile.bRow = arguments->bRow;
        if (bPacked || (!MASKED_TILES && tile.width < 2 * WIDTH)) {
          NAME(pack_panel)(columns, arguments->bRow, arguments->bColumn, tile.k, (int64_t)tile.width, panel);
          columns = panel;
          tile.bRow = 2 * WIDTH;
        }
        NAME(multiply_panel)(height, shape.aTransposed, &tile, aBlock + i * arguments->aRow, columns,
                             c + i * arguments->cRow + j);
      }
    }
  }
}
#undef NAME
#undef EACH
#undef DEFINE_TALL_TILES
#undef TALL_TILE_NAMES
#undef DEFINE_TILES
#undef DEFINE_TILE
#undef TILE_NAME
