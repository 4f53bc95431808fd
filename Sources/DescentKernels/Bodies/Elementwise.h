// The interpreter of elementwise programs: DK_BLOCK elements at a time, temporaries in the scratch.
//
// The grid is flattened; a block is a range of flat positions, so several short rows share one block.
// A dense array of the compute type is read and written in place; everything else passes through a block of its own.

typedef struct {
  char *data;
  const int64_t *originalStride;
  int64_t stride[DK_MAX_RANK];    // after merging axes
  int32_t dtype;
  uint8_t dense;                  // row-major over the whole grid
  uint8_t inPlace;                // dense, or dense within every row; and of the compute type
  uint8_t constant;               // all strides 0
  uint8_t repeats;                // the same in every block: gathered once
  char *block;                    // where gathered elements or a splat lie
} stream_state;

typedef struct {
  const dk_elementwise_arguments *arguments;
  int32_t rank;
  int64_t extent[DK_MAX_RANK], total;
  size_t elementSize;
  convert_run load, store;
} grid_state;

static const uint8_t sizeOfType[] = {4, 8, 4, 8, 1, 1};

// Drops axes of extent 1 and merges neighbours that every stream walks as one.
static void merge_axes(grid_state *g, stream_state *streams, int count) {
  const dk_elementwise_arguments *arguments = g->arguments;
  int rank = 0;
  g->total = 1;
  for (int axis = 0; axis < arguments->rank; axis++) {
    int64_t extent = arguments->extent[axis];
    g->total *= extent;
    if (extent == 1) continue;
    int merges = rank > 0;
    for (int s = 0; merges && s < count; s++) {
      merges = streams[s].stride[rank - 1] == streams[s].originalStride[axis] * extent;
    }
    if (merges) rank--; else g->extent[rank] = 1;
    g->extent[rank] *= extent;
    for (int s = 0; s < count; s++) streams[s].stride[rank] = streams[s].originalStride[axis];
    rank++;
  }
  g->rank = rank;
}

// Copies flat positions start ..< start + count of a stream into its block (or back), row by row.
static void move_range(const grid_state *g, const stream_state *stream, int64_t start, int64_t count, char *block,
                       int64_t blockStep, int storing) {
  int64_t index[DK_MAX_RANK];
  int last = g->rank - 1;
  int64_t offset = 0, rest = start;
  for (int axis = last; axis >= 0; axis--) {
    index[axis] = rest % g->extent[axis];
    rest /= g->extent[axis];
    offset += index[axis] * stream->stride[axis];
  }
  int64_t inner = g->extent[last], step = stream->stride[last];
  size_t size = sizeOfType[stream->dtype];
  while (count > 0) {
    int64_t run = inner - index[last];
    if (run > count) run = count;
    char *p = stream->data + offset * (int64_t)size;
    if (storing) {
      g->store(p, step, block, blockStep, stream->dtype, (size_t)run);
    } else {
      g->load(block, 1, p, step, stream->dtype, (size_t)run);
    }
    block += run * blockStep * (int64_t)g->elementSize;
    count -= run;
    offset += run * step;
    index[last] += run;
    for (int axis = last; axis > 0 && index[axis] == g->extent[axis]; axis--) {
      offset += stream->stride[axis - 1] - g->extent[axis] * stream->stride[axis];
      index[axis] = 0;
      index[axis - 1]++;
    }
  }
}

static int64_t offset_of(const grid_state *g, const stream_state *stream, int64_t start) {
  int64_t offset = 0;
  for (int axis = g->rank - 1; axis >= 0; axis--) {
    offset += start % g->extent[axis] * stream->stride[axis];
    start /= g->extent[axis];
  }
  return offset;
}

INLINE void splat(char *block, const char *value, size_t size) {
  for (size_t i = 0; i < LANES; i++) __builtin_memcpy(block + i * size, value, size);
}

static void elementwise(const void *opaque, dk_context *context) {
  const dk_elementwise_arguments *arguments = opaque;
  grid_state g = {.arguments = arguments};
  int32_t computeType = arguments->compute;
  const block_op *ops = opsFloat32;
  g.elementSize = 4, g.load = load_run_f32, g.store = store_run_f32;
  if (computeType == DK_FLOAT64) {
    ops = opsFloat64, g.elementSize = 8, g.load = load_run_f64, g.store = store_run_f64;
  } else if (computeType == DK_INT64) {
    ops = opsInt64, g.elementSize = 8, g.load = load_run_i64, g.store = store_run_i64;
  }
  int inputs = arguments->inputCount, outputs = arguments->outputCount, constants = arguments->constantCount;
  int registers = arguments->registerCount, instructions = arguments->instructionCount;
  stream_state streams[2 * DK_MAX_STREAMS];
  for (int s = 0; s < inputs + outputs; s++) {
    const dk_stream *stream = s < inputs ? &arguments->input[s] : &arguments->output[s - inputs];
    streams[s].data = stream->data;
    streams[s].originalStride = stream->stride;
    streams[s].dtype = stream->dtype;
  }
  merge_axes(&g, streams, inputs + outputs);
  if (g.total == 0) return;
  if (g.rank == 0) {
    g.rank = 1, g.extent[0] = 1;
    for (int s = 0; s < inputs + outputs; s++) streams[s].stride[0] = 1;
  }

  // Classify the streams.
  int last = g.rank - 1, allDense = 1;
  for (int s = 0; s < inputs + outputs; s++) {
    stream_state *stream = &streams[s];
    int64_t dense = 1, zero = 1;
    int isDense = 1;
    for (int axis = last; axis >= 0; axis--) {
      isDense &= stream->stride[axis] == dense;
      zero &= stream->stride[axis] == 0;
      dense *= g.extent[axis];
    }
    stream->dense = (uint8_t)isDense;
    stream->constant = s < inputs && zero;
    if (!isDense && !stream->constant) allDense = 0;
  }
  int64_t inner = g.extent[last];
  int byRows = !allDense && inner >= DK_BLOCK / 2;
  // Flat blocks hold whole trailing axes where they can, so that a stream without strides beyond them repeats.
  int64_t blockLength = DK_BLOCK, suffix = 1;
  int suffixAxis = g.rank;
  if (byRows) {
    int64_t pieces = (inner + DK_BLOCK - 1) / DK_BLOCK;
    blockLength = ((inner + pieces - 1) / pieces + LANES - 1) / LANES * LANES;
  } else if (!allDense) {
    while (suffixAxis > 0 && suffix * g.extent[suffixAxis - 1] <= DK_BLOCK) suffix *= g.extent[--suffixAxis];
    blockLength = DK_BLOCK / suffix * suffix;
  }

  // Lay out the scratch and the operand table.
  operand table[3 * DK_MAX_STREAMS];
  char *scratch = context->scratch;
  size_t blockBytes = DK_BLOCK * g.elementSize, splatBytes = LANES * g.elementSize;
  for (int s = 0; s < inputs; s++) {
    stream_state *stream = &streams[s];
    int sameType = stream->dtype == computeType;
    stream->inPlace = sameType && (stream->dense || (byRows && stream->stride[last] == 1));
    // What one output stores unchanged while another overwrites it must be set aside first.
    for (int o = 0; o < outputs && stream->inPlace; o++) {
      if (arguments->outputOperand[o] != s) continue;
      for (int other = 0; other < outputs; other++) stream->inPlace &= arguments->output[other].data != stream->data;
    }
    stream->repeats = 0;
    stream->block = scratch;
    if (stream->constant) {
      g.load(scratch, 1, stream->data, 0, stream->dtype, LANES);
      table[s] = (operand){scratch, 0};
      scratch += splatBytes;
    } else if (stream->inPlace) {
      table[s] = (operand){stream->data, ~(size_t)0};
    } else {
      table[s] = (operand){scratch, byRows && stream->stride[last] == 0 ? 0 : ~(size_t)0};
      scratch += blockBytes;
      if (!byRows && !stream->dense) {
        stream->repeats = 1;
        for (int axis = 0; axis < suffixAxis; axis++) stream->repeats &= stream->stride[axis] == 0;
      }
    }
  }
  for (int c = 0; c < constants; c++) {
    union { float f32; double f64; int64_t i64; } value;
    if (computeType == DK_FLOAT32) value.f32 = (float)arguments->floatConstant[c];
    else if (computeType == DK_FLOAT64) value.f64 = arguments->floatConstant[c];
    else value.i64 = arguments->integerConstant[c];
    splat(scratch, (const char *)&value, g.elementSize);
    table[inputs + c] = (operand){scratch, 0};
    scratch += splatBytes;
  }
  operand *registerTable = table + inputs + constants;
  char *registerBlocks = scratch;
  for (int r = 0; r < registers; r++) registerTable[r] = (operand){registerBlocks + (size_t)r * blockBytes, ~(size_t)0};

  // The last instruction to write a register may write the output itself, unless a later one still reads
  // an input in place that lies in the same memory.
  int8_t direct[DK_MAX_INSTRUCTIONS];
  uint8_t stored[DK_MAX_STREAMS] = {0};
  for (int i = 0; i < instructions; i++) direct[i] = -1;
  for (int o = 0; o < outputs; o++) {
    stream_state *stream = &streams[inputs + o];
    stream->inPlace = stream->dtype == computeType && (stream->dense || (byRows && stream->stride[last] == 1));
    int target = arguments->outputOperand[o];
    if (!stream->inPlace || target < inputs + constants) continue;
    int writer = instructions - 1;
    while (writer >= 0 && arguments->instruction[writer].destination != target) writer--;
    if (writer < 0 || direct[writer] >= 0) continue;
    int safe = 1;
    for (int s = 0; s < inputs && safe; s++) {
      if (streams[s].data != stream->data) continue;
      for (int i = writer + 1; i < instructions; i++) {
        const dk_instruction *later = &arguments->instruction[i];
        safe &= later->a != s && later->b != s && later->c != s;
      }
      for (int other = 0; other < outputs; other++) safe &= arguments->outputOperand[other] != s;
    }
    if (safe) direct[writer] = (int8_t)o, stored[o] = 1;
  }

  int redirected = 0;
  for (int o = 0; o < outputs; o++) redirected |= stored[o];
  int64_t rowEnd = byRows ? inner : g.total;
  for (int64_t start = 0, length, first = 1; start < g.total; start += length, first = 0) {
    length = rowEnd - start < blockLength ? rowEnd - start : blockLength;
    for (int s = 0; s < inputs; s++) {
      stream_state *stream = &streams[s];
      if (stream->constant) continue;
      if (stream->inPlace) {
        int64_t offset = stream->dense ? start : offset_of(&g, stream, start);
        table[s].data = stream->data + offset * (int64_t)g.elementSize;
      } else if (table[s].mask == 0) {
        const char *value = stream->data + offset_of(&g, stream, start) * (int64_t)sizeOfType[stream->dtype];
        g.load(stream->block, 1, value, 0, stream->dtype, LANES);
      } else if (stream->dense) {
        g.load(stream->block, 1, stream->data + start * (int64_t)sizeOfType[stream->dtype], 1, stream->dtype,
               (size_t)length);
      } else if (first || !stream->repeats) {
        move_range(&g, stream, start, length, stream->block, 1, 0);
      }
    }
    if (redirected && !first) {
      for (int r = 0; r < registers; r++) registerTable[r].data = registerBlocks + (size_t)r * blockBytes;
    }
    for (int i = 0; i < instructions; i++) {
      const dk_instruction *instruction = &arguments->instruction[i];
      const operand *a = &table[instruction->a], *b = a, *c = a;
      if (instruction->op >= DK_ADD) b = &table[instruction->b];
      if (instruction->op == DK_SELECT) c = &table[instruction->c];
      operand previous = table[instruction->destination];
      char *destination = (char *)(uintptr_t)previous.data;
      if (direct[i] >= 0) {
        stream_state *stream = &streams[inputs + direct[i]];
        int64_t offset = stream->dense ? start : offset_of(&g, stream, start);
        destination = stream->data + offset * (int64_t)g.elementSize;
      }
      ops[instruction->op](destination, a, b, c, (size_t)length);
      table[instruction->destination].data = destination;
    }
    for (int o = 0; o < outputs; o++) {
      if (stored[o]) continue;
      const stream_state *stream = &streams[inputs + o];
      const operand *source = &table[arguments->outputOperand[o]];
      int64_t sourceStep = source->mask == 0 ? 0 : 1;
      if (stream->dense || byRows) {
        int64_t offset = stream->dense ? start : offset_of(&g, stream, start);
        g.store(stream->data + offset * (int64_t)sizeOfType[stream->dtype], stream->dense ? 1 : stream->stride[last],
                source->data, sourceStep, stream->dtype, (size_t)length);
      } else {
        move_range(&g, stream, start, length, (char *)(uintptr_t)source->data, sourceStep, 1);
      }
    }
    if (start + length == rowEnd) rowEnd += inner;
  }
}
