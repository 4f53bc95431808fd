// Levels, scratch sizes and the run of a plan.

#include "AttentionShape.h"
#include "ConvolutionPieces.h"
#include "ConvolutionShape.h"
#include "Kernels.h"
#include "MatmulPieces.h"
#include "MatmulShape.h"
#include "Subnormals.h"
#include "Workers.h"

#include <stdatomic.h>

#if defined(__wasm__)
static int64_t nanoseconds_now(void) { return 0; }
#else
#include <time.h>
static int64_t nanoseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
#endif

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
      int64_t block = program->rowLength > DK_BLOCK ? program->rowLength : DK_BLOCK;
      // Beside its block a register has a strip of 8 vectors, and as much for rows' numbers.
      int64_t strips = program->registerCount * 2 * 8 * 64;
      return blocks * block * size + (program->inputCount + program->constantCount) * 16 * size + strips;
    }
    case DK_ARG_SORT: return ((const dk_arg_sort_arguments *)arguments)->count * 2 * 16;
    case DK_MATMUL: {
      const dk_matmul_arguments *product = arguments;
      int64_t size = product->dtype == DK_FLOAT64 ? 8 : 4;
      dk_matmul_arguments row = matmul_as_row(product);
#if defined(__x86_64__) && defined(__linux__)
      if (product->arithmetic != DK_CHAIN) return dk_matmul_pieces_scratch(product);
#endif
      if (matmul_is_column(product)) product = &row;
      return matmul_scratch_elements(product) * size;
    }
#ifndef __wasm__
    case DK_SUMMING_PASS: {
      const dk_summing_pass_arguments *pass = arguments;
      return dk_summing_buffers(pass) + dk_scratch_bytes(DK_ELEMENTWISE, pass->pass);
    }
    case DK_ATTENTION: return attention_scratch_elements(arguments, 0) * 4;
    case DK_ATTENTION_GRADIENT: return attention_scratch_elements(arguments, 1) * 4;
    case DK_CONVOLUTION: {
      const dk_convolution_arguments *window = arguments;
#if defined(__x86_64__) && defined(__linux__)
      if (window->arithmetic != DK_CHAIN && window->overPixels) return dk_convolution_pieces_over_pixels_scratch(window);
      if (window->arithmetic != DK_CHAIN) return dk_convolution_pieces_scratch(window);
#endif
      return convolution_scratch_elements(window) * (window->dtype == DK_FLOAT64 ? 8 : 4);
    }
#endif
    default: return 0;
  }
}

#ifndef __wasm__
int dk_convolution_is_dense(const dk_convolution_arguments *arguments) { return convolution_is_dense(arguments); }
#endif

// Worth a second thread: a share that lasts many times a hand-off, which costs some 0.2 µs and the other core's cache
// lines besides, or a wake-up (about 20 µs).
enum { LEAST_SHARE = 1500, LEAST_SHARE_ASLEEP = 40000, WORTH_WAKING = 100000 };

typedef struct { const dk_command *command; dk_context *contexts; } shared_command;

static void run_part(void *opaque, int32_t part) {
  shared_command *shared = opaque;
  floating_point_mode mode = flush_subnormals();
  shared->command->function(shared->command->arguments, &shared->contexts[part]);
  restore(mode);
}

static int32_t parts_of(const dk_command *command, int32_t threads) {
  if (command->nanoseconds < 2 * LEAST_SHARE) return 1;
  int64_t share = dk_workers_are_awake() ? LEAST_SHARE : LEAST_SHARE_ASLEEP;
  int64_t parts = command->nanoseconds / share;
  return parts < 1 ? 1 : parts < threads ? (int32_t)parts : threads;
}

// Runs one command and leaves its status in context 0.
static void run_command(const dk_command *command, dk_context *contexts, int32_t threads) {
  int32_t parts = threads > 1 ? parts_of(command, threads) : 1;
  contexts[0].part = 0, contexts[0].parts = parts;
  if (parts == 1) {
    command->function(command->arguments, &contexts[0]);
    return;
  }
  for (int32_t part = 1; part < parts; part++) {
    contexts[part].part = part, contexts[part].parts = parts, contexts[part].status = DK_OK;
  }
  shared_command shared = {command, contexts};
  dk_in_parts(parts, run_part, &shared);
  for (int32_t part = 1; part < parts && contexts[0].status == DK_OK; part++) {
    contexts[0].status = contexts[part].status;
    __builtin_memcpy(contexts[0].detail, contexts[part].detail, sizeof contexts[0].detail);
  }
}

// A caller that comes back this soon (nanoseconds) with work to share is worth waking the others for, however little it is:
// they stay awake for it.
enum { SOON = 100000 };

static int comes_back_soon(void) {
  static _Atomic int64_t before;
  int64_t now = nanoseconds_now();
  return now - atomic_exchange_explicit(&before, now, memory_order_relaxed) < SOON;
}

// Whether several threads have something to do here.
static int is_worth_sharing(const dk_command *commands, int64_t count) {
  int64_t longest = 0, total = 0;
  for (int64_t i = 0; i < count; i++) {
    total += commands[i].nanoseconds;
    if (commands[i].nanoseconds > longest) longest = commands[i].nanoseconds;
  }
  return longest >= 2 * LEAST_SHARE && (dk_workers_are_awake() || total >= WORTH_WAKING || comes_back_soon());
}

int64_t dk_run(const dk_command *commands, int64_t count, dk_context *contexts, int32_t threads, int64_t *spent) {
  floating_point_mode mode = flush_subnormals();
  contexts[0].status = DK_OK;
  int64_t stopped = -1;
  if (threads > 1 && !is_worth_sharing(commands, count)) threads = 1;
  if (threads > 1 && !dk_workers_are_awake()) dk_wake_workers(threads - 1);
  for (int64_t i = 0; i < count; i++) {
    int64_t begin = spent ? nanoseconds_now() : 0;
    run_command(&commands[i], contexts, threads);
    if (spent) spent[i] += nanoseconds_now() - begin;
    if (contexts[0].status != DK_OK) {
      stopped = i;
      break;
    }
  }
  restore(mode);
  return stopped;
}
