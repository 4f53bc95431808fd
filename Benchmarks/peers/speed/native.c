// Loops over calls of oneDNN, and the triad that measures memory, for onednn.py.
#include <dnnl.h>
#include <stdint.h>

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

void version(int32_t *numbers) {
  const dnnl_version_t *v = dnnl_version();
  numbers[0] = v->major, numbers[1] = v->minor, numbers[2] = v->patch;
}
