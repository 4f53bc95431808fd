// Subnormal operands and results count as zero while kernels run: they cost several times an ordinary one.

#ifndef DESCENT_SUBNORMALS_H
#define DESCENT_SUBNORMALS_H

#include <stdint.h>

#if defined(__x86_64__)
typedef unsigned floating_point_mode;
static inline floating_point_mode flush_subnormals(void) {
  unsigned mode = __builtin_ia32_stmxcsr();
  if ((mode & 0x8040u) != 0x8040u) __builtin_ia32_ldmxcsr(mode | 0x8040u);
  return mode;
}
static inline void restore(floating_point_mode mode) {
  if ((mode & 0x8040u) != 0x8040u) __builtin_ia32_ldmxcsr(mode);
}
#elif defined(__aarch64__)
typedef uint64_t floating_point_mode;
static inline floating_point_mode flush_subnormals(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | 1u << 24));
  return mode;
}
static inline void restore(floating_point_mode mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }
#else
typedef int floating_point_mode;
static inline floating_point_mode flush_subnormals(void) { return 0; }
static inline void restore(floating_point_mode mode) { (void)mode; }
#endif

#endif
