// 128-bit vectors, which every target has: SSE2, NEON, WebAssembly SIMD.

#define LANES 4
#define KERNEL_TABLE dk_baseline_kernels
#include "Level.h"
