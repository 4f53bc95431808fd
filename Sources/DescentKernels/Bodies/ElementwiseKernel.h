// The kernel of elementwise programs: this part's share block by block, in strips or an instruction at a time.

#ifdef __wasm__
#define RUN_BLOCK(start, length) run_instructions(&state, start, length)
#else
#define RUN_BLOCK(start, length)                                                                                       \
  if (inStrips) run_block_in_strips(&program, start, length);                                                          \
  else run_instructions(&state, start, length)
#endif

static void elementwise(const void *arguments, dk_context *context) {
  program_state state;
  prepare_grid(&state, arguments);
  if (state.grid.total == 0) return;
  // Parts are cut at blocks, and rows of blocks at lines of the cache.
  span share = span_of(state.grid.total, state.byRows ? 64 : state.blockLength, context);
  if (share.start == share.end) return;
  place_operands(&state, context->scratch);
  find_direct_writers(&state);
  state.first = share.start;
#ifndef __wasm__
  strip_program program;
  int inStrips = is_worth_strips(&state, share.end - share.start);
  if (inStrips) build_strips(&program, &state, share.end - share.start);
#endif
  int64_t inner = state.grid.inner, end = state.byRows ? (share.start / inner + 1) * inner : share.end;
  for (int64_t start = share.start, length; start < share.end; start += length) {
    length = end - start < state.blockLength ? end - start : state.blockLength;
    if (share.end - start < length) length = share.end - start;
    load_inputs(&state, start, length);
    RUN_BLOCK(start, length);
    store_outputs(&state, start, length);
    if (start + length == end) end += inner;
  }
#ifndef __wasm__
  if (inStrips && state.streams) finish_streaming();
#endif
}
#undef RUN_BLOCK
