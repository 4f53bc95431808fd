// What the parts of the target share among themselves.

#ifndef DESCENT_KERNELS_INTERNAL_H
#define DESCENT_KERNELS_INTERNAL_H

#include "DescentKernels.h"

extern const dk_function dk_baseline_kernels[DK_KERNEL_COUNT];
#if defined(__x86_64__)
extern const dk_function dk_avx2_kernels[DK_KERNEL_COUNT];
extern const dk_function dk_avx512_kernels[DK_KERNEL_COUNT];
#endif

// Bytes of scratch in which a summing pass keeps an output that goes nowhere else, and all of those.
static inline int64_t dk_summing_buffer(const dk_summing_pass_arguments *a) {
  return (a->rows * a->columns * 8 + 63) / 64 * 64;
}
static inline int64_t dk_summing_buffers(const dk_summing_pass_arguments *a) { return a->count * dk_summing_buffer(a); }

#endif
