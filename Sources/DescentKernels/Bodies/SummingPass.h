// Elementwise passes whose results are summed up by columns before they leave the cache.

static void move_stream(dk_stream *stream, int64_t steps) {
  if (stream->data) stream->data = (char *)stream->data + steps * stream->stride[0] * sizeOfType[stream->dtype];
}

static void summing_pass(const void *opaque, dk_context *context) {
  const dk_summing_pass_arguments *a = opaque;
  dk_context alone = *context;
  alone.part = 0, alone.parts = 1;
  alone.scratch = (char *)context->scratch + dk_summing_buffers(a);
  int64_t elements = a->rows * a->columns, step = 1;
  for (int i = 1; i < a->pass->rank; i++) step *= a->pass->extent[i];
  span share = span_of(a->parts, 1, context);
  for (int64_t part = share.start; part < share.end; part++) {
    dk_elementwise_arguments pass = *a->pass;
    pass.extent[0] = elements / step;
    for (int i = 0; i < pass.inputCount; i++) move_stream(&pass.input[i], part * pass.extent[0]);
    for (int i = 0; i < pass.outputCount; i++) move_stream(&pass.output[i], part * pass.extent[0]);
    char *buffer = context->scratch;
    for (int i = 0; i < a->count; i++) {
      dk_stream *output = &pass.output[a->sum[i].output];
      if (!output->data) output->data = buffer, buffer += dk_summing_buffer(a);
    }
    elementwise(&pass, &alone);
    for (int i = 0; i < a->count; i++) {
      const dk_stream *output = &pass.output[a->sum[i].output];
      dk_reduce_arguments reduction = {
        .reduction = a->sum[i].reduction, .dtype = output->dtype, .outer = 1, .count = a->rows, .inner = a->columns,
        .input = output->data,
        .output = (char *)a->sum[i].results + part * a->columns * sizeOfType[output->dtype],
      };
      reduce(&reduction, &alone);
    }
  }
}
