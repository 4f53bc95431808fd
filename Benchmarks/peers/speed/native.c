// Loops over calls of oneDNN, and the triads that measure memory, for onednn.py.
#include <dnnl.h>
#include <stdint.h>
#include <stdlib.h>
#ifdef __AVX__
#include <immintrin.h>
#endif

// C [m, n] = A·B, row-major; A is stored [k, m] where `transposeA` is 'T', B [n, k] where `transposeB` is.
int products(
    char transposeA, char transposeB, int64_t m, int64_t n, int64_t k, const float *a, const float *b, float *c,
    int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    dnnl_status_t status = dnnl_sgemm(
        transposeA, transposeB, m, n, k, 1, a, transposeA == 'T' ? m : k, b, transposeB == 'T' ? k : n, 0, c, n);
    if (status != dnnl_success) return status;
  }
  return 0;
}

// a = b + 3c.
void triads(int64_t length, float *restrict a, const float *restrict b, const float *restrict c, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
#pragma omp parallel for simd schedule(static) if (length > 16384)
    for (int64_t j = 0; j < length; j++) a[j] = b[j] + 3 * c[j];
  }
}

// The same past the caches: a is written without being read first. Arrays start at multiples of 32 bytes, and the
// length is a multiple of 8.
void streaming_triads(int64_t length, float *a, const float *b, const float *c, int64_t count) {
#ifdef __AVX__
  for (int64_t i = 0; i < count; i++) {
#pragma omp parallel for schedule(static)
    for (int64_t j = 0; j < length; j += 8) {
      __m256 product = _mm256_mul_ps(_mm256_set1_ps(3), _mm256_load_ps(c + j));
      _mm256_stream_ps(a + j, _mm256_add_ps(_mm256_load_ps(b + j), product));
    }
    _mm_sfence();
  }
#else
  triads(length, a, b, c, count);
#endif
}

void version(int32_t *numbers) {
  const dnnl_version_t *v = dnnl_version();
  numbers[0] = v->major, numbers[1] = v->minor, numbers[2] = v->patch;
}

#if DNNL_VERSION_MAJOR == 2
// A convolution as oneDNN's guide advises: every operand lies as the library likes it best, reordered beforehand.
typedef struct {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_exec_arg_t arguments[3];
  dnnl_memory_t plain_result, result;
} convolution;

enum pass { FORWARD, DATA_GRADIENT, WEIGHT_GRADIENT };

#define TRY(call)                                                                                                      \
  do {                                                                                                                 \
    if ((call) != dnnl_success) return NULL;                                                                           \
  } while (0)

static dnnl_status_t reorder(convolution *c, dnnl_memory_t from, dnnl_memory_t to) {
  const dnnl_memory_desc_t *source, *target;
  dnnl_memory_get_memory_desc(from, &source);
  dnnl_memory_get_memory_desc(to, &target);
  dnnl_primitive_desc_t description;
  dnnl_status_t status =
      dnnl_reorder_primitive_desc_create(&description, source, c->engine, target, c->engine, NULL);
  if (status != dnnl_success) return status;
  dnnl_primitive_t primitive;
  status = dnnl_primitive_create(&primitive, description);
  dnnl_primitive_desc_destroy(description);
  if (status != dnnl_success) return status;
  dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  status = dnnl_primitive_execute(primitive, c->stream, 2, arguments);
  dnnl_stream_wait(c->stream);
  dnnl_primitive_destroy(primitive);
  return status;
}

// Creates the convolution of images [batch, size, size, inputs] with weights [window, window, inputs / groups, outputs]
// that keeps height and width, or a gradient of it. `first` and `second` are what it reads: images and weights; cotangent
// and weights; images and cotangent. `result` is written by `convolution_result`. NULL where oneDNN refuses.
void *convolution_create(
    int pass, int64_t batch, int64_t size, int64_t window, int64_t inputs, int64_t outputs, int64_t groups, float *first,
    float *second, float *result) {
  convolution *c = calloc(1, sizeof(convolution));
  TRY(dnnl_engine_create(&c->engine, dnnl_cpu, 0));
  TRY(dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags));

  dnnl_dims_t shapes[3] = {
      {batch, inputs, size, size}, {outputs, inputs, window, window}, {batch, outputs, size, size}};
  dnnl_dims_t grouped = {groups, outputs / groups, inputs / groups, window, window};
  dnnl_memory_desc_t plain[3], any[3];
  for (int i = 0; i < 3; i++) {
    int is_grouped = i == 1 && groups > 1;
    dnnl_format_tag_t tag = i != 1 ? dnnl_nhwc : groups > 1 ? dnnl_hwigo : dnnl_hwio;
    int64_t *shape = is_grouped ? grouped : shapes[i];
    TRY(dnnl_memory_desc_init_by_tag(&plain[i], is_grouped ? 5 : 4, shape, dnnl_f32, tag));
    TRY(dnnl_memory_desc_init_by_tag(&any[i], is_grouped ? 5 : 4, shape, dnnl_f32, dnnl_format_tag_any));
  }

  dnnl_dims_t ones = {1, 1}, none = {0, 0}, low = {window / 2, window / 2};
  dnnl_convolution_desc_t forward, backward;
  dnnl_primitive_desc_t hint, description;
  TRY(dnnl_dilated_convolution_forward_desc_init(
      &forward, pass == FORWARD ? dnnl_forward_inference : dnnl_forward_training, dnnl_convolution_direct, &any[0],
      &any[1], NULL, &any[2], ones, none, low, low));
  TRY(dnnl_primitive_desc_create(&hint, &forward, NULL, c->engine, NULL));
  description = hint;
  if (pass == DATA_GRADIENT) {
    TRY(dnnl_dilated_convolution_backward_data_desc_init(
        &backward, dnnl_convolution_direct, &any[0], &any[1], &any[2], ones, none, low, low));
    TRY(dnnl_primitive_desc_create(&description, &backward, NULL, c->engine, hint));
  } else if (pass == WEIGHT_GRADIENT) {
    TRY(dnnl_dilated_convolution_backward_weights_desc_init(
        &backward, dnnl_convolution_direct, &any[0], &any[1], NULL, &any[2], ones, none, low, low));
    TRY(dnnl_primitive_desc_create(&description, &backward, NULL, c->engine, hint));
  }
  TRY(dnnl_primitive_create(&c->primitive, description));

  // Which of images, weights and results are read first, read second and written, and what oneDNN calls them.
  static const int roles[3][3] = {{0, 1, 2}, {2, 1, 0}, {0, 2, 1}};
  static const int names[3][3] = {
      {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
      {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC},
      {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS}};
  float *values[3] = {first, second, result};
  for (int i = 0; i < 3; i++) {
    const dnnl_memory_desc_t *best =
        dnnl_primitive_desc_query_md(description, dnnl_query_exec_arg_md, names[pass][i]);
    dnnl_memory_t own, given;
    TRY(dnnl_memory_create(&own, best, c->engine, DNNL_MEMORY_ALLOCATE));
    TRY(dnnl_memory_create(&given, &plain[roles[pass][i]], c->engine, values[i]));
    if (i < 2) {
      TRY(reorder(c, given, own));
      dnnl_memory_destroy(given);
    } else {
      c->plain_result = given;
      c->result = own;
    }
    c->arguments[i] = (dnnl_exec_arg_t){names[pass][i], own};
  }
  if (description != hint) dnnl_primitive_desc_destroy(description);
  dnnl_primitive_desc_destroy(hint);
  return c;
}

int convolution_run(convolution *c, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    dnnl_status_t status = dnnl_primitive_execute(c->primitive, c->stream, 3, c->arguments);
    if (status != dnnl_success) return status;
  }
  return dnnl_stream_wait(c->stream);
}

int convolution_result(convolution *c) { return reorder(c, c->result, c->plain_result); }

void convolution_destroy(convolution *c) {
  for (int i = 0; i < 3; i++) dnnl_memory_destroy(c->arguments[i].memory);
  dnnl_memory_destroy(c->plain_result);
  dnnl_primitive_destroy(c->primitive);
  dnnl_stream_destroy(c->stream);
  dnnl_engine_destroy(c->engine);
  free(c);
}
#endif
