// Runs the strips of a program over one block.

// What fills no strip, an instruction at a time.
static void run_rest(const strip_program *program, const strip_segment *segment, size_t offset, size_t row,
                     size_t count) {
  for (int i = segment->begin; i < segment->end; i++) {
    const place *const *from = program->operands[i];
    operand x = {at(from[0], offset, row), from[0]->lanes}, y = {at(from[1], offset, row), from[1]->lanes};
    operand z = {at(from[2], offset, row), from[2]->lanes};
    void *to = (void *)(uintptr_t)at(&program->value[i], offset, row);
    program->state->ops[program->state->arguments->instruction[i].op](to, &x, &y, &z, count);
  }
}

static void run_row_instructions(const strip_program *program, const strip_segment *segment, int64_t rows) {
  const program_state *state = program->state;
  for (int i = segment->begin; i < segment->end; i++) {
    const dk_instruction *instruction = &state->arguments->instruction[i];
    const place *const *from = program->operands[i];
    const place *value = &program->value[i];
    float *to = (float *)(uintptr_t)value->data;
    operand x = {from[0]->data, from[0]->lanes}, y = {from[1]->data, from[1]->lanes};
    operand z = {from[2]->data, from[2]->lanes};
    if (value->lanes == 0) {
      for (int64_t r = 0; r < rows; r++) store_f32(to + r * LANES, (f32v)((const float *)x.data)[r]);
    } else if (instruction->op > DK_SELECT) {
      row_operation(instruction->op, sizeof(float), to, x.data, rows, state->rowLength);
    } else {
      state->ops[instruction->op](to, &x, &y, &z, (size_t)rows);
    }
  }
}

static void run_segment(const strip_program *program, const strip_segment *segment, int64_t length) {
  int64_t row = program->alongRows ? program->state->rowLength : length;
  for (int64_t r = 0; r * row < length; r++) {
    size_t begin = (size_t)(r * row) * sizeof(float), end = begin + (size_t)row * sizeof(float);
    size_t rest = (size_t)row % STRIP, mark = (size_t)r * sizeof(f32v);
    run_strips(segment->steps, begin, end, mark);
    if (rest > 0) run_rest(program, segment, end - rest * sizeof(float), mark, rest);
  }
}

// One block, whose inputs are loaded.
static void run_block_in_strips(strip_program *program, int64_t start, int64_t length) {
  program_state *state = program->state;
  const dk_elementwise_arguments *arguments = state->arguments;
  grid_state *g = &state->grid;
  for (int s = 0; s < arguments->inputCount; s++) {
    program->input[s].data = state->table[s].data;
    program->next[s].data = program->input[s].data + length * (int64_t)sizeof(float);
  }
  for (int i = 0; state->redirects && i < arguments->instructionCount; i++) {
    if (state->direct[i] < 0) continue;
    const stream_state *stream = &g->stream[g->inputs + state->direct[i]];
    program->value[i].data = element_of(stream, offset_of(g, stream, start));
  }
  for (int s = 0; s < program->segments; s++) {
    const strip_segment *segment = &program->segment[s];
    if (segment->isRow) run_row_instructions(program, segment, length / state->rowLength);
    else run_segment(program, segment, length);
  }
  for (int i = 0; i < arguments->instructionCount; i++) {
    state->table[arguments->instruction[i].destination].data = program->value[i].data;
  }
}
