// Levels, scratch sizes and the run of a plan.

#include "Kernels.h"
#include "MatmulShape.h"

dk_level dk_best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2")) {
    return DK_LEVEL_BASELINE;
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd")) {
    return DK_LEVEL_AVX512;
  }
  return DK_LEVEL_AVX2;
#else
  return DK_LEVEL_BASELINE;
#endif
}

dk_function dk_kernel(dk_kernel_id kernel, dk_level level) {
#if defined(__x86_64__)
  if (level == DK_LEVEL_AVX512) return dk_avx512_kernels[kernel];
  if (level == DK_LEVEL_AVX2) return dk_avx2_kernels[kernel];
#endif
  (void)level;
  return dk_baseline_kernels[kernel];
}

// The widest level's needs serve every level.
int64_t dk_scratch_bytes(dk_kernel_id kernel, const void *arguments) {
  switch (kernel) {
    case DK_ELEMENTWISE: {
      const dk_elementwise_arguments *program = arguments;
      int64_t size = program->compute == DK_FLOAT32 ? 4 : 8;
      int64_t blocks = program->inputCount + program->registerCount;
      return blocks * DK_BLOCK * size + (program->inputCount + program->constantCount) * 16 * size;
    }
    case DK_ARG_SORT: return ((const dk_arg_sort_arguments *)arguments)->count * 2 * 16;
    case DK_MATMUL: {
      const dk_matmul_arguments *product = arguments;
      int64_t size = product->dtype == DK_FLOAT64 ? 8 : 4;
      dk_matmul_arguments row = matmul_as_row(product);
      if (matmul_is_column(product)) product = &row;
      return matmul_scratch_elements(shape_of_matmul(product)) * size;
    }
    default: return 0;
  }
}

// Subnormal operands and results count as zero while kernels run: they cost several times an ordinary one.
#if defined(__x86_64__)
typedef unsigned floating_point_mode;
static floating_point_mode flush_subnormals(void) {
  unsigned mode = __builtin_ia32_stmxcsr();
  if ((mode & 0x8040u) != 0x8040u) __builtin_ia32_ldmxcsr(mode | 0x8040u);
  return mode;
}
static void restore(floating_point_mode mode) {
  if ((mode & 0x8040u) != 0x8040u) __builtin_ia32_ldmxcsr(mode);
}
#elif defined(__aarch64__)
typedef uint64_t floating_point_mode;
static floating_point_mode flush_subnormals(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | 1u << 24));
  return mode;
}
static void restore(floating_point_mode mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }
#else
typedef int floating_point_mode;
static floating_point_mode flush_subnormals(void) { return 0; }
static void restore(floating_point_mode mode) { (void)mode; }
#endif

int64_t dk_run(const dk_command *commands, int64_t count, dk_context *context) {
  floating_point_mode mode = flush_subnormals();
  context->status = DK_OK;
  int64_t stopped = -1;
  for (int64_t i = 0; i < count; i++) {
    commands[i].function(commands[i].arguments, context);
    if (context->status != DK_OK) {
      stopped = i;
      break;
    }
  }
  restore(mode);
  return stopped;
}
