// 512-bit vectors with masks. Naming the features instead of a processor keeps the compiler from preferring 256 bits.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("fma,bmi,bmi2,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512cd"))), \
                             apply_to = function)
#define LANES 16
#define KERNEL_TABLE dk_avx512_kernels
#include "Level.h"
#pragma clang attribute pop
#endif
