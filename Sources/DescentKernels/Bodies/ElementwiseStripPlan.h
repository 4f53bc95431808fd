// What the strips of an elementwise program do: its instructions as steps, and where every value lies meanwhile.

enum { LEAST_FOR_STRIPS = 256 };  // fewer elements are not worth the steps

typedef struct { int begin, end, isRow; const strip_step *steps; } strip_segment;

typedef struct {
  program_state *state;
  place input[2 * DK_MAX_STREAMS];      // and constants
  place next[DK_MAX_STREAMS];           // inputs of the next block
  place value[DK_MAX_INSTRUCTIONS];
  const place *operands[DK_MAX_INSTRUCTIONS][3];
  uint8_t inMemory[DK_MAX_INSTRUCTIONS];  // read again after the next step
  uint8_t beyond[DK_MAX_INSTRUCTIONS];    // read in another segment, or stored at the end of the block
  uint8_t spreadOut[DK_MAX_INSTRUCTIONS]; // a row's number that has to be repeated along the row
  int alongRows;                        // strips stay within rows
  int segments;
  strip_segment segment[DK_MAX_INSTRUCTIONS];
  strip_step step[4 * DK_MAX_INSTRUCTIONS + DK_MAX_STREAMS];
} strip_program;

INLINE int is_for_rows(const dk_instruction *instruction) { return instruction->isRow || instruction->op > DK_SELECT; }

INLINE int is_in_registers(int op) {
  switch (op) {
    case DK_ADD: case DK_SUBTRACT: case DK_MULTIPLY: case DK_DIVIDE: case DK_MINIMUM: case DK_MAXIMUM: case DK_EQUAL:
    case DK_NOT_EQUAL: case DK_LESS: case DK_LESS_EQUAL: case DK_GREATER: case DK_GREATER_EQUAL: case DK_MOVE:
    case DK_NEGATE: case DK_ABS: case DK_SQRT: case DK_RSQRT: case DK_SELECT: return 1;
    default: return 0;
  }
}

// Whether an instruction can take a value as the strip in registers: where it reads it once, or squares it.
INLINE int takes_strip(const strip_program *program, int i, const place *value) {
  const dk_instruction *instruction = &program->state->arguments->instruction[i];
  const place *const *from = program->operands[i];
  if (is_for_rows(instruction) || !is_in_registers(instruction->op)) return 0;
  int count = operands_of(instruction), reads = 0;
  for (int p = 0; p < count; p++) reads += from[p] == value;
  return reads == 1 || (instruction->op == DK_MULTIPLY && reads == 2);
}

// Finds who reads what, and cuts the program where it turns from elements to rows or back.
INLINE void find_uses(strip_program *program) {
  const dk_elementwise_arguments *arguments = program->state->arguments;
  int base = arguments->inputCount + arguments->constantCount, last[DK_MAX_REGISTERS], segmentOf[DK_MAX_INSTRUCTIONS];
  program->segments = 0;
  for (int i = 0; i < arguments->instructionCount; i++) {
    const dk_instruction *instruction = &arguments->instruction[i];
    int isRow = is_for_rows(instruction);
    if (i == 0 || isRow != program->segment[program->segments - 1].isRow) {
      program->segment[program->segments++] = (strip_segment){i, i, isRow, NULL};
    }
    program->segment[program->segments - 1].end = i + 1;
    segmentOf[i] = program->segments;
    program->inMemory[i] = program->beyond[i] = program->spreadOut[i] = 0;
    uint8_t numbers[3] = {instruction->a, instruction->b, instruction->c};
    for (int p = 0; p < 3; p++) program->operands[i][p] = &program->input[0];
    for (int p = 0; p < operands_of(instruction); p++) {
      int number = numbers[p];
      program->operands[i][p] = number < base ? &program->input[number] : &program->value[last[number - base]];
    }
    for (int p = 0; p < operands_of(instruction); p++) {
      if (numbers[p] < base) continue;
      int from = last[numbers[p] - base];
      if (segmentOf[from] != segmentOf[i] || isRow) program->beyond[from] = 1;
      program->spreadOut[from] |= (uint8_t)isRow;
      if (from != i - 1 || !takes_strip(program, i, &program->value[from])) program->inMemory[from] = 1;
    }
    last[instruction->destination - base] = i;
  }
  for (int o = 0; o < arguments->outputCount; o++) {
    int number = arguments->outputOperand[o];
    if (number < base) continue;
    int from = last[number - base];
    program->spreadOut[from] = 1;
    if (program->state->direct[from] != o) program->beyond[from] = program->inMemory[from] = 1;
  }
}

INLINE void place_values(strip_program *program) {
  program_state *state = program->state;
  const dk_elementwise_arguments *arguments = state->arguments;
  int base = arguments->inputCount + arguments->constantCount;
  program->input[0] = (place){NULL, 0, 0, 0};
  for (int s = 0; s < base; s++) {
    program->input[s] = (place){state->table[s].data, state->table[s].mask, 0, state->table[s].mask};
  }
  // What walks, what is used up within a strip and what is one vector a row are written in different orders, so that a
  // register is a place of its own for each.
  // The rows of a block are at most DK_BLOCK / STRIP, so that a vector for each fits the room of the widest strip.
  enum { ROOM = DK_BLOCK / STRIP * LANES * 4 };
  const char *strips = state->registers + (size_t)arguments->registerCount * state->blockBytes;
  for (int i = 0; i < arguments->instructionCount; i++) {
    const dk_instruction *instruction = &arguments->instruction[i];
    size_t number = (size_t)(instruction->destination - base);
    const char *strip = strips + 2 * number * ROOM;
    if (program->beyond[i] || state->direct[i] >= 0 || is_for_rows(instruction)) {
      program->value[i] = (place){state->registers + number * state->blockBytes, ~(size_t)0, 0, ~(size_t)0};
    } else {
      program->value[i] = (place){strip, 0, 0, ~(size_t)0};
    }
    if (instruction->op == DK_ROW_SPREAD && program->alongRows && !program->spreadOut[i]) {
      program->value[i] = (place){strip + ROOM, 0, ~(size_t)0, 0};
    }
  }
}

INLINE strip_step *add_step(strip_step *step, int code, const place *operand) {
  *step = (strip_step){.code = code, .a = operand, .b = operand, .c = operand};
  return step + 1;
}

// The steps of one instruction, given the value that is in registers.
INLINE strip_step *add_steps(strip_program *program, strip_step *step, int i, const place *held) {
  program_state *state = program->state;
  const dk_instruction *instruction = &state->arguments->instruction[i];
  const place *const *from = program->operands[i];
  int op = instruction->op;
  if (!is_in_registers(op)) {
    *step++ = (strip_step){STRIP_CALL, from[0], from[1], from[2], &program->value[i], state->ops[op]};
    return step;
  }
  if (!takes_strip(program, i, held)) {
    held = from[0];
    step = add_step(step, STRIP_LOAD, held);
  }
  if (op == DK_SELECT) {
    int form = from[0] == held ? 0 : from[1] == held ? 1 : 2;
    *step++ = (strip_step){4 * op + form, held, from[form == 0 ? 1 : 0], from[form == 2 ? 1 : 2], NULL, NULL};
  } else if (operands_of(instruction) == 1) {
    step = add_step(step, 4 * op, held);
  } else if (from[0] == from[1] && op == DK_MULTIPLY) {
    step = add_step(step, STRIP_SQUARE, held);
  } else {
    const place *other = from[0] == held ? from[1] : from[0];
    int form = (other->lanes ? STRIP_LEFT : STRIP_LEFT_ONE) + (from[0] == held ? 0 : 1);
    step = add_step(step, 4 * op + form, other);
  }
  if (state->direct[i] >= 0 && !program->inMemory[i] && state->streams) {
    step = add_step(step, STRIP_STREAM, &program->value[i]);
  } else if (state->direct[i] >= 0 || program->inMemory[i] || program->beyond[i]) {
    step = add_step(step, STRIP_STORE, &program->value[i]);
  }
  return step;
}

// Whether every array is read and written where it lies, so that nothing asks for blocks.
INLINE int is_all_in_place(const program_state *state) {
  const dk_elementwise_arguments *arguments = state->arguments;
  if (state->rowLength > 0 || state->byRows) return 0;
  for (int s = 0; s < arguments->inputCount; s++) {
    if (!state->grid.stream[s].constant && state->block[s] != NULL) return 0;
  }
  for (int o = 0; o < arguments->outputCount; o++) if (!state->written[o]) return 0;
  return 1;
}

// Whether all results can go past the caches, and are large enough to.
INLINE int is_worth_streaming(const program_state *state) {
  const dk_elementwise_arguments *arguments = state->arguments;
  const grid_state *g = &state->grid;
  if (g->total * (int64_t)g->elementSize * arguments->outputCount < LEAST_TO_STREAM) return 0;
  int64_t step = state->rowLength > 0 ? state->rowLength : state->byRows ? g->inner : STRIP;
  if (step % (64 / 4) != 0) return 0;
  for (int o = 0; o < arguments->outputCount; o++) {
    const dk_stream *output = &arguments->output[o];
    if ((uintptr_t)output->data % 64 != 0) return 0;
    for (int i = 0; i + 1 < arguments->rank; i++) {
      if (output->stride[i] * (int64_t)g->elementSize % 64 != 0) return 0;
    }
    for (int s = 0; s < arguments->inputCount; s++) {
      if (output->data == arguments->input[s].data) return 0;
    }
  }
  return 1;
}

INLINE int stays_in_rows(const program_state *state) {
  return state->rowLength >= STRIP && (state->rowLength % STRIP == 0 || state->rowLength >= 4 * STRIP);
}

// Whether strips are worth their steps: not for few elements, short rows, or blocks that leave much of a strip over.
INLINE int is_worth_strips(const program_state *state, int64_t share) {
  if (state->arguments->compute != DK_FLOAT32 || share < LEAST_FOR_STRIPS) return 0;
  if (state->rowLength > 0) return stays_in_rows(state);
  return state->byRows || state->blockLength % STRIP == 0 || is_all_in_place(state);
}

// Reductions and functions of a row leave memory idle, and the processor fetches ahead only within a page: the first
// strips of a block fetch what the next one reads.
INLINE strip_step *add_fetches(strip_program *program, strip_step *step) {
  const program_state *state = program->state;
  if (!state->streams || state->rowLength == 0) return step;
  for (int s = 0; s < state->arguments->inputCount; s++) {
    if (!state->grid.stream[s].dense || state->block[s] != NULL) continue;
    program->next[s] = program->input[s];
    step = add_step(step, STRIP_FETCH, &program->next[s]);
  }
  return step;
}

INLINE void build_strips(strip_program *program, program_state *state, int64_t share) {
  program->state = state;
  if (is_all_in_place(state)) state->blockLength = share;
  state->streams = is_worth_streaming(state);
  program->alongRows = stays_in_rows(state);
  find_uses(program);
  place_values(program);
  strip_step *step = program->step;
  for (int s = 0; s < program->segments; s++) {
    strip_segment *segment = &program->segment[s];
    if (segment->isRow) continue;
    segment->steps = step;
    if (step == program->step) step = add_fetches(program, step);
    for (int i = segment->begin; i < segment->end; i++) {
      step = add_steps(program, step, i, i > segment->begin ? &program->value[i - 1] : NULL);
    }
    step = add_step(step, STRIP_END, &program->input[0]);
  }
}
