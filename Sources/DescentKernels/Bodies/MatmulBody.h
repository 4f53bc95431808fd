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
  int64_t aStep;                  // from a row of a tile to that row of the next, for each row between them
  int aPacked;                    // a transposed A is packed tile by tile: the tile's height is its aColumn
} NAME(tile);

// One tile: `transposed` A has its rows side by side; `vectors` is 1, 2 or 4; a `ragged` tile has masked columns.
INLINE void NAME(multiply_tile)(const int rows, const int transposed, const int vectors, const int ragged,
                                const NAME(tile) *tile, const SCALAR *a, const SCALAR *b, SCALAR *c) {
  VECTOR sum[TALLEST][4];
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
#pragma clang loop unroll(disable)
  for (int64_t p = tile->k; p > 0; p--) {
    VECTOR x[4];
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

// One or two rows are too few chains to hide the latency of an addition, unless the tile is wider.
enum { NAME(FEW_ROWS) = 2, NAME(WIDE) = 4 * WIDTH };
DEFINE_TILE(1, rows_wide, 0, 4, 0)
DEFINE_TILE(2, rows_wide, 0, 4, 0)

// Rows p of a panel of 2·WIDTH columns. What lies beyond `width` in it only reaches lanes that nobody stores.
static void NAME(pack_rows)(const SCALAR *b, int64_t bRow, int64_t bColumn, int64_t k, int64_t width, SCALAR *panel) {
  for (int64_t p = 0; p < k; p++, panel += 2 * WIDTH, b += bRow) {
    if (width == 2 * WIDTH && bColumn == 1) {
      NAME(store_register)(panel, NAME(load_register)(b));
      NAME(store_register)(panel + WIDTH, NAME(load_register)(b + WIDTH));
    } else {
      for (int64_t j = 0; j < width; j++) panel[j] = b[j * bColumn];
    }
  }
}
// The same for a B whose columns are dense, by squares turned in registers.
static void NAME(pack_columns)(const SCALAR *b, int64_t bColumn, int64_t k, int64_t width, SCALAR *panel) {
  int64_t p = 0;
  for (; p + (MASKED_TILES ? 1 : WIDTH) <= k; p += WIDTH) {
    int64_t depth = k - p < WIDTH ? k - p : WIDTH;
    for (int64_t j = 0; j < width; j += WIDTH) {
      VECTOR square[WIDTH];
      const SCALAR *from = b + j * bColumn + p;
      SCALAR *to = panel + p * 2 * WIDTH + j;
      if (depth == WIDTH && j + WIDTH <= width) {
        EACH(i, WIDTH) square[i] = NAME(load_register)(from + i * bColumn);
        NAME(transpose_square)(square);
        EACH(i, WIDTH) NAME(store_register)(to + i * 2 * WIDTH, square[i]);
      } else {
        for (int64_t i = 0; i < WIDTH; i++) {
          square[i] = j + i < width ? NAME(load_columns)(from + i * bColumn, (size_t)depth) : (VECTOR)(SCALAR)0;
        }
        NAME(transpose_square)(square);
        for (int64_t i = 0; i < depth; i++) NAME(store_register)(to + i * 2 * WIDTH, square[i]);
      }
    }
  }
  if (p < k) NAME(pack_rows)(b + p, 1, bColumn, k - p, width, panel + p * 2 * WIDTH);
}

// A slab of A, `height` by `k`: row by row, or tile by tile with the rows of a tile side by side.
static void NAME(pack_slab)(const SCALAR *a, int64_t aRow, int64_t aColumn, int transposed, int64_t height, int64_t k,
                            SCALAR *slab) {
  if (!transposed) {
    for (int64_t i = 0; i < height; i++) {
      __builtin_memcpy(slab + i * (k + MATMUL_ROW_PADDING), a + i * aRow, (size_t)k * sizeof(SCALAR));
    }
    return;
  }
  for (int64_t p = 0; p < k; p++, a += aColumn) {
    const SCALAR *from = a;
    SCALAR *tile = slab;
    for (int64_t rest = height, tiles = (height + TALLEST - 1) / TALLEST; tiles > 0; tiles--) {
      int64_t rows = (rest + tiles - 1) / tiles, i = 0;
      SCALAR *to = tile + p * rows;
      for (; i + WIDTH <= rows; i += WIDTH) NAME(store_register)(to + i, NAME(load_register)(from + i));
      if (MASKED_TILES) {
        if (i < rows) NAME(store_columns)(to + i, NAME(load_columns)(from + i, (size_t)(rows - i)), (size_t)(rows - i));
      } else {
        for (; i < rows; i++) to[i] = from[i];
      }
      from += rows, tile += rows * k, rest -= rows;
    }
  }
}

// The tiles of one panel of columns, from the top of C to its bottom: their heights differ by one at most.
INLINE void NAME(multiply_tiles)(int64_t rows, const NAME(tile_function) *functions, NAME(tile) *tile,
                                 const SCALAR *a, const SCALAR *b, SCALAR *c) {
  int64_t tiles = (rows + TALLEST - 1) / TALLEST;
  for (; tiles > 0; tiles--) {
    int64_t height = (rows + tiles - 1) / tiles;
    if (tile->aPacked) tile->aColumn = height;
    functions[height - 1](tile, a, b, c);
    a += height * tile->aStep, c += height * tile->cRow, rows -= height;
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
  SCALAR whole[TALLEST * 2 * WIDTH];
  NAME(tile) aside = *tile;
  aside.cRow = 2 * WIDTH;
  int64_t width = (int64_t)tile->width, tiles = (rows + TALLEST - 1) / TALLEST;
  for (; tiles > 0; tiles--) {
    int64_t height = (rows + tiles - 1) / tiles;
    for (int64_t i = 0; i < height * 2 * WIDTH && tile->accumulate; i++) {
      whole[i] = i % (2 * WIDTH) < width ? c[i / (2 * WIDTH) * tile->cRow + i % (2 * WIDTH)] : 0;
    }
    if (aside.aPacked) aside.aColumn = height;
    (transposed ? NAME(tiles_columns) : NAME(tiles_rows))[height - 1](&aside, a, b, whole);
    for (int64_t i = 0; i < height; i++) {
      for (int64_t j = 0; j < width; j++) c[i * tile->cRow + j] = whole[i * 2 * WIDTH + j];
    }
    a += height * tile->aStep, c += height * tile->cRow, rows -= height;
  }
#endif
}

// One panel of columns of C, one block of K, one slab of rows.
INLINE void NAME(multiply_block)(const dk_matmul_arguments *arguments, int transposed, int packs, int64_t height,
                                 NAME(tile) *tile, const SCALAR *a, const SCALAR *b, SCALAR *c, SCALAR *panel) {
  tile->bRow = arguments->bRow;
  if (packs || (!MASKED_TILES && tile->width < 2 * WIDTH)) {
    if (arguments->bRow == 1 && arguments->bColumn != 1) {
      NAME(pack_columns)(b, arguments->bColumn, tile->k, (int64_t)tile->width, panel);
    } else {
      NAME(pack_rows)(b, arguments->bRow, arguments->bColumn, tile->k, (int64_t)tile->width, panel);
    }
    b = panel;
    tile->bRow = 2 * WIDTH;
  }
  NAME(multiply_panel)(height, transposed, tile, a, b, c);
}

static void NAME(matmul)(const dk_matmul_arguments *arguments, const SCALAR *a, const SCALAR *b, SCALAR *c,
                         SCALAR *panel) {
  int64_t m = arguments->m, n = arguments->n, k = arguments->k;
  matmul_shape shape = shape_of_matmul(arguments);
  SCALAR *slab = panel + matmul_panel_elements(shape);
  for (int64_t p = 0; p < k; p += shape.depth) {
    int64_t depth = k - p < shape.depth ? k - p : shape.depth;
    NAME(tile) tile = {
      .k = depth, .aRow = arguments->aRow, .aColumn = arguments->aColumn, .aStep = arguments->aRow,
      .cRow = arguments->cRow, .accumulate = p > 0,
    };
    for (int64_t i = 0; i < m; i += shape.height) {
      int64_t height = m - i < shape.height ? m - i : shape.height;
      const SCALAR *rows = a + i * arguments->aRow + p * arguments->aColumn;
      if (shape.packsA) {
        NAME(pack_slab)(rows, arguments->aRow, arguments->aColumn, shape.aTransposed, height, depth, slab);
        rows = slab;
        tile.aPacked = shape.aTransposed;
        tile.aRow = tile.aStep = shape.aTransposed ? depth : depth + MATMUL_ROW_PADDING;
      }
      int64_t j = 0;
      if (height <= NAME(FEW_ROWS) && !shape.packsB && !shape.aTransposed) {
        tile.bRow = arguments->bRow;
        for (; j + NAME(WIDE) <= n; j += NAME(WIDE)) {
          const SCALAR *columns = b + p * arguments->bRow + j;
          SCALAR *target = c + i * arguments->cRow + j;
          if (height == 1) TILE_NAME(1, rows_wide)(&tile, rows, columns, target);
          else TILE_NAME(2, rows_wide)(&tile, rows, columns, target);
        }
      }
      for (; j < n; j += 2 * WIDTH) {
        tile.width = (size_t)(n - j < 2 * WIDTH ? n - j : 2 * WIDTH);
        NAME(multiply_block)(arguments, shape.aTransposed, shape.packsB, height, &tile, rows,
                             b + p * arguments->bRow + j * arguments->bColumn, c + i * arguments->cRow + j, panel);
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
