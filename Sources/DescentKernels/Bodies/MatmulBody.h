// Matrix products of one floating type, cut into blocks of K, slabs of rows and panels of columns.
// Only operands that do not lie right are packed.

#include "MatmulTiles.h"

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
  int64_t whole = MASKED_TILES ? k : k / WIDTH * WIDTH;
  for (int64_t j = 0; j < width; j += WIDTH) {
    for (int64_t p = 0; p < whole; p += WIDTH) {
      int64_t depth = k - p < WIDTH ? k - p : WIDTH;
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
  if (whole < k) NAME(pack_rows)(b + whole, 1, bColumn, k - whole, width, panel + whole * 2 * WIDTH);
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
    int64_t height = tiles == 1 ? rows : (rows + tiles - 1) / tiles;
    if (tile->aPacked) tile->aColumn = height;
    NAME(run_tile)(functions[height - 1], tile, height, a, b, c);
    a += height * tile->aStep, c += height * tile->cRow, rows -= height;
    if (tile->residual) tile->residual += height * tile->residualRow;
  }
}

// Columns [0, width) of C, width up to a panel.
static void NAME(multiply_panel)(int64_t rows, int order, NAME(tile) *tile, const SCALAR *a, const SCALAR *b,
                                 SCALAR *c) {
  if (tile->width == 2 * WIDTH) {
    NAME(multiply_tiles)(rows, NAME(whole_tiles)(order), tile, a, b, c);
    return;
  }
#if MASKED_TILES
  const NAME(tile_function) *functions = tile->width > WIDTH ? TILES_OF(order, _ragged) : TILES_OF(order, _narrow);
  NAME(multiply_tiles)(rows, functions, tile, a, b, c);
#else
  // Without masks a ragged tile is computed beside C; its panel is packed, so it may be read whole.
  SCALAR whole[TALLEST * 2 * WIDTH];
  NAME(tile) aside = *tile;
  aside.cRow = 2 * WIDTH;
  aside.finishes = 0;
  int64_t width = (int64_t)tile->width, tiles = (rows + TALLEST - 1) / TALLEST;
  for (; tiles > 0; tiles--) {
    int64_t height = (rows + tiles - 1) / tiles;
    for (int64_t i = 0; i < height * 2 * WIDTH && tile->accumulate; i++) {
      whole[i] = i % (2 * WIDTH) < width ? c[i / (2 * WIDTH) * tile->cRow + i % (2 * WIDTH)] : 0;
    }
    if (aside.aPacked) aside.aColumn = height;
    NAME(whole_tiles)(order)[height - 1](&aside, a, b, whole);
    for (int64_t i = 0; i < height; i++) {
      for (int64_t j = 0; j < width; j++) c[i * tile->cRow + j] = whole[i * 2 * WIDTH + j];
    }
    if (tile->finishes) NAME(finish)(tile, height, width, c);
    if (tile->residual) tile->residual += height * tile->residualRow;
    a += height * tile->aStep, c += height * tile->cRow, rows -= height;
  }
#endif
}

static void NAME(pack_panel)(const dk_matmul_arguments *arguments, const SCALAR *b, int64_t k, int64_t width,
                             SCALAR *panel) {
  if (arguments->bRow == 1 && arguments->bColumn != 1) {
    NAME(pack_columns)(b, arguments->bColumn, k, width, panel);
  } else {
    NAME(pack_rows)(b, arguments->bRow, arguments->bColumn, k, width, panel);
  }
}

// A slab of rows of C, for one block of K: panel by panel. `packed` is all of B's panels, or room for one.
static void NAME(multiply_slab)(const dk_matmul_arguments *arguments, const matmul_shape *shape, int64_t height,
                                NAME(tile) *tile, const SCALAR *a, const SCALAR *b, SCALAR *c, SCALAR *packed) {
  int64_t n = arguments->n, j = 0;
  const SCALAR *bias = tile->bias, *residual = tile->residual;
  if (height <= NAME(FEW_ROWS) && !shape->packsB && !shape->aTransposed) {
    tile->bRow = arguments->bRow;
    tile->width = NAME(WIDE);
    for (; j + NAME(WIDE) <= n; j += NAME(WIDE)) {
      if (bias) tile->bias = bias + j;
      if (residual) tile->residual = residual + j;
      NAME(run_tile)(height == 1 ? TILE_NAME(1, rows_wide) : TILE_NAME(2, rows_wide), tile, height, a, b + j, c + j);
    }
  }
  for (; j < n; j += 2 * WIDTH) {
    int64_t width = n - j < 2 * WIDTH ? n - j : 2 * WIDTH;
    const SCALAR *columns = b + j * arguments->bColumn;
    tile->width = (size_t)width;
    tile->bRow = 2 * WIDTH;
    if (bias) tile->bias = bias + j;
    if (residual) tile->residual = residual + j;
    if (shape->packsWhole) {
      columns = packed + j * tile->k;
    } else if (shape->packsB || (!MASKED_TILES && width < 2 * WIDTH)) {
      NAME(pack_panel)(arguments, columns, tile->k, width, packed);
      columns = packed;
    } else {
      tile->bRow = arguments->bRow;
    }
    NAME(multiply_panel)(height, shape->aTransposed, tile, a, columns, c + j);
  }
}

static void NAME(matmul)(const dk_matmul_arguments *arguments, const SCALAR *a, const SCALAR *b, SCALAR *c,
                         const SCALAR *residual, SCALAR *scratch) {
  int64_t m = arguments->m, n = arguments->n, k = arguments->k;
  matmul_shape shape = shape_of_matmul(arguments);
  SCALAR *slab = scratch + matmul_panel_elements(arguments, shape);
  NAME(tile) tile = {
    .cRow = arguments->cRow, .bias = arguments->bias, .residual = residual, .residualRow = arguments->residualRow,
    .activation = arguments->activation,
  };
  int finishes = tile.bias || tile.residual || tile.activation;
  if (k == 0 && finishes) NAME(finish)(&tile, m, n, c);
  for (int64_t p = 0; p < k; p += shape.depth) {
    int64_t depth = k - p < shape.depth ? k - p : shape.depth;
    const SCALAR *block = b + p * arguments->bRow;
    for (int64_t j = 0; j < n && shape.packsWhole; j += 2 * WIDTH) {
      int64_t width = n - j < 2 * WIDTH ? n - j : 2 * WIDTH;
      NAME(pack_panel)(arguments, block + j * arguments->bColumn, depth, width, scratch + j * depth);
    }
    tile.k = depth, tile.accumulate = p > 0, tile.finishes = finishes && p + depth == k;
    for (int64_t i = 0; i < m; i += shape.height) {
      int64_t height = m - i < shape.height ? m - i : shape.height;
      const SCALAR *rows = a + i * arguments->aRow + p * arguments->aColumn;
      tile.aRow = tile.aStep = arguments->aRow, tile.aColumn = arguments->aColumn;
      if (shape.packsA) {
        NAME(pack_slab)(rows, arguments->aRow, arguments->aColumn, shape.aTransposed, height, depth, slab);
        rows = slab;
        tile.aPacked = shape.aTransposed;
        tile.aStep = shape.aTransposed ? depth : depth + MATMUL_ROW_PADDING;
        tile.aRow = shape.aTransposed ? 1 : tile.aStep;
      }
      tile.bias = arguments->bias;
      tile.residual = residual ? residual + i * arguments->residualRow : NULL;
      NAME(multiply_slab)(arguments, &shape, height, &tile, rows, block, c + i * arguments->cRow, scratch);
    }
  }
}

#ifndef __wasm__
// Few rows by columns that lie in panels, each of which is read from its beginning to its end: no two of its rows are so
// far apart that they meet in few cache sets.
static void NAME(multiply_packed)(const dk_matmul_arguments *arguments, const SCALAR *a, SCALAR *c,
                                  const SCALAR *residual) {
  int64_t m = arguments->m, n = arguments->n, k = arguments->k;
  NAME(tile) tile = {
    .k = k, .aRow = arguments->aRow, .aColumn = 1, .aStep = arguments->aRow, .bRow = MATMUL_PACKED_COLUMNS,
    .cRow = arguments->cRow, .residualRow = arguments->residualRow, .activation = arguments->activation,
    .finishes = arguments->bias || residual || arguments->activation,
  };
  for (int64_t j = 0, width; j < n; j += width) {
    int64_t column = arguments->packedColumn + j, place = column % MATMUL_PACKED_COLUMNS;
    const SCALAR *b = (const SCALAR *)arguments->packed + (column - place) * k + place;
    width = n - j < MATMUL_PACKED_COLUMNS - place ? n - j : MATMUL_PACKED_COLUMNS - place;
    int isWide = m <= NAME(FEW_ROWS) && width >= NAME(WIDE), most = isWide ? NAME(WIDE) : 2 * WIDTH;
    if (width > most) width = most;
    tile.width = (size_t)width;
    tile.bias = arguments->bias ? (const SCALAR *)arguments->bias + j : NULL;
    tile.residual = residual ? residual + j : NULL;
    if (isWide) NAME(run_tile)(m == 1 ? TILE_NAME(1, rows_wide) : TILE_NAME(2, rows_wide), &tile, m, a, b, c + j);
    else NAME(multiply_panel)(m, ROWS_ADJACENT, &tile, a, b, c + j);
  }
}
#endif

// One product of a batch. Of a column only the chains are computed as a row; what follows them stays as it lies.
static void NAME(one_product)(const dk_matmul_arguments *arguments, int isColumn, const SCALAR *a, const SCALAR *b,
                          SCALAR *c, const SCALAR *residual, SCALAR *scratch) {
#ifndef __wasm__
  if (arguments->packed) {
    NAME(multiply_packed)(arguments, a, c, residual);
    return;
  }
#endif
  dk_matmul_arguments row;
  if (isColumn) row = matmul_as_row(arguments);
  NAME(matmul)(isColumn ? &row : arguments, isColumn ? b : a, isColumn ? a : b, c, isColumn ? NULL : residual, scratch);
  if (!isColumn) return;
  NAME(tile) column = {
    .cRow = 1, .bias = arguments->bias, .residual = residual, .residualRow = arguments->residualRow,
    .activation = arguments->activation,
  };
  NAME(finish)(&column, arguments->m, 1, c);
}
#undef NAME
#undef EACH
#undef TILES_OF
#undef DEFINE_TALL_TILES
#undef TALL_TILE_NAMES
#undef DEFINE_TILES
#undef DEFINE_TILE
#undef TILE_NAME
