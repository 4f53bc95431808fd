// The interpreter of elementwise programs: DK_BLOCK elements at a time, temporaries in the scratch.
//
// The grid is flattened; a block is a range of flat positions, so several short rows share one block.
// A dense array of the compute type is read and written in place; everything else passes through a block of its own.

typedef struct {
  const dk_elementwise_arguments *arguments;
  grid_state grid;
  const block_op *ops;
  int byRows;                     // blocks stay within rows
  int64_t blockLength;
  int64_t period;                 // of the streams that repeat: the extent of the trailing axes inside a block
  int periodAxis;                 // the first of those axes
  int64_t rowLength;              // 0 where rows do not matter
  operand table[2 * DK_MAX_STREAMS + DK_MAX_REGISTERS];
  char *block[DK_MAX_STREAMS];    // where an input is gathered
  char *registers;
  size_t blockBytes;
  int8_t direct[DK_MAX_INSTRUCTIONS];  // the output that an instruction writes itself, or -1
  uint8_t written[DK_MAX_STREAMS];     // whether some instruction writes this output
  int redirects;
  int streams;                    // whether outputs go past the caches
  int64_t first;                  // flat position where this part begins
} program_state;

INLINE void prepare_grid(program_state *state, const dk_elementwise_arguments *arguments) {
  grid_state *g = &state->grid;
  state->arguments = arguments;
  state->ops = opsFloat32;
  g->elementSize = 4, g->load = load_run_f32, g->store = store_run_f32;
  if (arguments->compute == DK_FLOAT64) {
    state->ops = opsFloat64, g->elementSize = 8, g->load = load_run_f64, g->store = store_run_f64;
  } else if (arguments->compute == DK_INT64) {
    state->ops = opsInt64, g->elementSize = 8, g->load = load_run_i64, g->store = store_run_i64;
  }
  g->inputs = arguments->inputCount, g->streams = g->inputs + arguments->outputCount;
  for (int s = 0; s < g->streams; s++) {
    const dk_stream *stream = s < g->inputs ? &arguments->input[s] : &arguments->output[s - g->inputs];
    g->stream[s].data = stream->data;
    g->stream[s].dtype = stream->dtype;
    g->stream[s].isRow = (uint8_t)stream->isRow;
  }
  merge_axes(g, arguments);
  if (g->total == 0) return;
  int simple = classify_streams(g);
  int64_t length = state->rowLength = arguments->rowLength;
  state->byRows = !simple && g->inner >= DK_BLOCK / 2 && length == 0;
  state->blockLength = DK_BLOCK, state->period = 1, state->periodAxis = g->rank;
  if (length > 0) {
    // Whole rows; a stream without strides beyond a row repeats.
    state->blockLength = length < DK_BLOCK ? DK_BLOCK / length * length : length;
    while (state->periodAxis > 0 && state->period < length) state->period *= g->extent[--state->periodAxis];
    if (state->period != length) state->periodAxis = g->rank;
  } else if (state->byRows) {
    int64_t pieces = (g->inner + DK_BLOCK - 1) / DK_BLOCK;
    state->blockLength = ((g->inner + pieces - 1) / pieces + LANES - 1) / LANES * LANES;
  } else if (!simple) {
    // Whole trailing axes, where they fit, so that a stream without strides beyond them repeats.
    while (state->periodAxis > 0 && state->period * g->extent[state->periodAxis - 1] <= DK_BLOCK) {
      state->period *= g->extent[--state->periodAxis];
    }
    state->blockLength = DK_BLOCK / state->period * state->period;
  }
}

INLINE char *place_splat(program_state *state, int operandNumber, char *scratch) {
  state->table[operandNumber] = (operand){scratch, 0};
  return scratch + LANES * state->grid.elementSize;
}

// What one output stores unchanged while another overwrites it must be set aside first.
INLINE int is_overwritten_before_stored(const dk_elementwise_arguments *arguments, int input) {
  int stored = 0, overwritten = 0;
  for (int o = 0; o < arguments->outputCount; o++) {
    stored |= arguments->outputOperand[o] == input;
    overwritten |= arguments->output[o].data == arguments->input[input].data;
  }
  return stored & overwritten;
}

// Gives every operand its place: the array itself, a block, or a vector of equal lanes.
INLINE void place_operands(program_state *state, char *scratch) {
  const dk_elementwise_arguments *arguments = state->arguments;
  grid_state *g = &state->grid;
  int last = g->rank - 1;
  state->blockBytes = (size_t)(state->rowLength > DK_BLOCK ? state->rowLength : DK_BLOCK) * g->elementSize;
  for (int s = 0; s < g->inputs; s++) {
    stream_state *stream = &g->stream[s];
    stream->repeats = 0;
    state->block[s] = scratch;
    if (stream->constant) {
      g->load(scratch, 1, stream->data, 0, stream->dtype, LANES);
      scratch = place_splat(state, s, scratch);
      continue;
    }
    if (stream->isRow) {
      state->table[s] = (operand){scratch, ~(size_t)0};
      scratch += state->blockBytes;
      continue;
    }
    int sameType = stream->dtype == arguments->compute, rowStep = stream->stride[last] == 1;
    stream->inPlace = (uint8_t)sameType;
    if (sameType && (stream->dense || (state->byRows && rowStep)) && !is_overwritten_before_stored(arguments, s)) {
      state->block[s] = NULL;
      state->table[s] = (operand){stream->data, ~(size_t)0};
      continue;
    }
    state->table[s] = (operand){scratch, state->byRows && stream->stride[last] == 0 ? 0 : ~(size_t)0};
    scratch += state->blockBytes;
    if (!state->byRows && !stream->dense) {
      stream->repeats = 1;
      for (int axis = 0; axis < state->periodAxis; axis++) stream->repeats &= stream->stride[axis] == 0;
      if (state->rowLength > 0 && state->period != state->rowLength) stream->repeats = 0;
    }
  }
  for (int c = 0; c < arguments->constantCount; c++) {
    if (arguments->compute == DK_FLOAT32) store_f32((float *)scratch, (f32v)(float)arguments->floatConstant[c]);
    else if (arguments->compute == DK_FLOAT64) store_f64((double *)scratch, (f64v)arguments->floatConstant[c]);
    else store_i64((int64_t *)scratch, (i64v)arguments->integerConstant[c]);
    scratch = place_splat(state, g->inputs + c, scratch);
  }
  state->registers = scratch;
  operand *table = state->table + g->inputs + arguments->constantCount;
  for (int r = 0; r < arguments->registerCount; r++, scratch += state->blockBytes) {
    table[r] = (operand){scratch, ~(size_t)0};
  }
}

INLINE int operands_of(const dk_instruction *instruction) {
  return instruction->op < DK_ADD || instruction->op > DK_SELECT ? 1 : instruction->op == DK_SELECT ? 3 : 2;
}

INLINE int reads(const dk_instruction *instruction, int operandNumber) {
  return instruction->a == operandNumber || (operands_of(instruction) > 1 && instruction->b == operandNumber) ||
         (operands_of(instruction) > 2 && instruction->c == operandNumber);
}

// Whether an instruction may write an output while the rest of the program has still to run: nothing that is read
// later may lie in the same memory.
INLINE int may_write_early(const program_state *state, int writer, int output) {
  const dk_elementwise_arguments *arguments = state->arguments;
  for (int s = 0; s < arguments->inputCount; s++) {
    if (arguments->input[s].data != arguments->output[output].data || state->block[s] != NULL) continue;
    for (int i = writer + 1; i < arguments->instructionCount; i++) {
      if (reads(&arguments->instruction[i], s)) return 0;
    }
  }
  return 1;
}

// The last instruction to write a register writes the output it is stored to, where it can.
INLINE void find_direct_writers(program_state *state) {
  const dk_elementwise_arguments *arguments = state->arguments;
  grid_state *g = &state->grid;
  for (int i = 0; i < arguments->instructionCount; i++) state->direct[i] = -1;
  state->redirects = 0;
  for (int o = 0; o < arguments->outputCount; o++) {
    stream_state *stream = &g->stream[g->inputs + o];
    int target = arguments->outputOperand[o];
    state->written[o] = 0;
    stream->inPlace = stream->dtype == arguments->compute && !stream->isRow &&
                      (stream->dense || (state->byRows && stream->stride[g->rank - 1] == 1));
    if (!stream->inPlace || target < g->inputs + arguments->constantCount) continue;
    int writer = arguments->instructionCount - 1;
    while (writer >= 0 && arguments->instruction[writer].destination != target) writer--;
    if (writer < 0 || state->direct[writer] >= 0 || !may_write_early(state, writer, o)) continue;
    state->direct[writer] = (int8_t)o;
    state->written[o] = 1;
    state->redirects = 1;
  }
}

// Fills the rest of a block with copies of its first `filled` bytes.
INLINE void repeat_block(char *block, size_t filled, size_t bytes) {
  while (filled < bytes) {
    size_t count = filled < bytes - filled ? filled : bytes - filled;
    __builtin_memcpy(block + filled, block, count);
    filled += count;
  }
}

INLINE void load_inputs(program_state *state, int64_t start, int64_t length) {
  grid_state *g = &state->grid;
  for (int s = 0; s < g->inputs; s++) {
    stream_state *stream = &g->stream[s];
    if (stream->constant) continue;
    if (stream->isRow) {
      g->load(state->block[s], 1, element_of(stream, start / state->rowLength), 1, stream->dtype,
              (size_t)(length / state->rowLength));
    } else if (state->block[s] == NULL) {
      state->table[s].data = element_of(stream, offset_of(g, stream, start));
    } else if (state->table[s].mask == 0) {
      g->load(state->block[s], 1, element_of(stream, offset_of(g, stream, start)), 0, stream->dtype, LANES);
    } else if (stream->dense) {
      g->load(state->block[s], 1, element_of(stream, start), 1, stream->dtype, (size_t)length);
    } else if (!stream->repeats) {
      move_range(g, stream, start, length, state->block[s], 1, 0);
    } else if (start == state->first) {
      move_range(g, stream, start, state->period, state->block[s], 1, 0);
      repeat_block(state->block[s], (size_t)state->period * g->elementSize, (size_t)length * g->elementSize);
    }
  }
}

INLINE void run_instructions(program_state *state, int64_t start, int64_t length) {
  const dk_elementwise_arguments *arguments = state->arguments;
  grid_state *g = &state->grid;
  if (state->redirects && start > state->first) {
    operand *table = state->table + g->inputs + arguments->constantCount;
    for (int r = 0; r < arguments->registerCount; r++) table[r].data = state->registers + (size_t)r * state->blockBytes;
  }
  for (int i = 0; i < arguments->instructionCount; i++) {
    const dk_instruction *instruction = &arguments->instruction[i];
    const operand *a = &state->table[instruction->a], *b = a, *c = a;
    if (operands_of(instruction) > 1) b = &state->table[instruction->b];
    if (operands_of(instruction) > 2) c = &state->table[instruction->c];
    operand *result = &state->table[instruction->destination];
    const void *destination = result->data;
    if (state->direct[i] >= 0) {
      const stream_state *stream = &g->stream[g->inputs + state->direct[i]];
      destination = element_of(stream, offset_of(g, stream, start));
    }
    if (instruction->op > DK_SELECT) {
      row_operation(instruction->op, g->elementSize, (void *)(uintptr_t)destination, a->data, length / state->rowLength,
                    state->rowLength);
    } else {
      int64_t count = instruction->isRow ? length / state->rowLength : length;
      state->ops[instruction->op]((void *)(uintptr_t)destination, a, b, c, (size_t)count);
    }
    result->data = destination;
  }
}

INLINE void store_outputs(program_state *state, int64_t start, int64_t length) {
  grid_state *g = &state->grid;
  for (int o = 0; o < state->arguments->outputCount; o++) {
    if (state->written[o]) continue;
    const stream_state *stream = &g->stream[g->inputs + o];
    const operand *source = &state->table[state->arguments->outputOperand[o]];
    int64_t sourceStep = source->mask == 0 ? 0 : 1;
    if (stream->isRow) {
      g->store(element_of(stream, start / state->rowLength), 1, source->data, sourceStep, stream->dtype,
               (size_t)(length / state->rowLength));
    } else if (stream->dense || state->byRows) {
      g->store(element_of(stream, offset_of(g, stream, start)), stream->dense ? 1 : stream->stride[g->rank - 1],
               source->data, sourceStep, stream->dtype, (size_t)length);
    } else {
      move_range(g, stream, start, length, (char *)(uintptr_t)source->data, sourceStep, 1);
    }
  }
}
