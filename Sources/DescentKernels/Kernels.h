// What the parts of the target share among themselves.

#ifndef DESCENT_KERNELS_INTERNAL_H
#define DESCENT_KERNELS_INTERNAL_H

#include "DescentKernels.h"

extern const dk_function dk_baseline_kernels[DK_KERNEL_COUNT];
#if defined(__x86_64__)
extern const dk_function dk_avx2_kernels[DK_KERNEL_COUNT];
extern const dk_function dk_avx512_kernels[DK_KERNEL_COUNT];
#endif

#endif
