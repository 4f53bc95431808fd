// How attention is cut into blocks, for its kernels and to size their scratch beforehand.

#ifndef DESCENT_ATTENTION_SHAPE_H
#define DESCENT_ATTENTION_SHAPE_H

#include "DescentKernels.h"

enum {
  ATTENTION_QUERIES = 32,
  ATTENTION_KEYS = 256,
  ATTENTION_PADDING = 32,         // the widest panel of any level
  // Rows between scores and their cotangents: in step at a distance of pages, loads would wait for unrelated stores.
  ATTENTION_APART = 16,
};

static inline int64_t attention_padded(int64_t extent) {
  return (extent + ATTENTION_PADDING - 1) / ATTENTION_PADDING * ATTENTION_PADDING;
}

// Elements of scratch: a head's keys and values as the products want them, and what belongs to a block.
static inline int64_t attention_scratch_elements(const dk_attention_arguments *a, int isGradient) {
  int64_t keys = attention_padded(a->keys), width = attention_padded(a->width), values = attention_padded(a->values);
  if (!isGradient) return keys * (width + values) + ATTENTION_QUERIES * (width + ATTENTION_KEYS + 3);
  return keys * (width + values) + ATTENTION_QUERIES * (2 * (width + values + ATTENTION_KEYS) + ATTENTION_APART);
}

#endif
