// 256-bit vectors with fused multiply-add.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,f16c"))), apply_to = function)
#define LANES 8
#define KERNEL_TABLE dk_avx2_kernels
#include "Level.h"
#pragma clang attribute pop
#endif
