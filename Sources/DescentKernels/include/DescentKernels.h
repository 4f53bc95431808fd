// The loops that do the arithmetic and the threads that share it, and nothing else: no allocation, no dependency.
//
// A kernel is a function of one argument block. A compiled plan is a flat array of such calls whose pointers
// are already resolved, so running a step costs one indirect call a kernel.
// Any kernel can be called for one part of its work; no element's value depends on how the work is cut.
// Every kernel exists at several instruction-set levels; `dk_kernel` picks one when the plan is made.
// Arrays are dense and row-major unless strides are given; strides and extents count elements, never bytes.

#ifndef DESCENT_KERNELS_H
#define DESCENT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DK_MAX_RANK = 8, DK_MAX_STREAMS = 32, DK_MAX_INSTRUCTIONS = 96, DK_MAX_REGISTERS = 64, DK_BLOCK = 1024, DK_MAX_THREADS = 64 };

// Element types. Booleans are bytes holding 0 or 1.
typedef enum { DK_FLOAT32, DK_FLOAT64, DK_INT32, DK_INT64, DK_UINT8, DK_BOOL } dk_dtype;

// Instruction-set levels. On x86-64: SSE2, AVX2 with FMA, AVX-512. Elsewhere only the baseline exists.
typedef enum { DK_LEVEL_BASELINE, DK_LEVEL_AVX2, DK_LEVEL_AVX512 } dk_level;

// The best level this processor can run.
dk_level dk_best_level(void);

typedef enum { DK_OK, DK_INDEX_OUT_OF_RANGE } dk_status;

// What a thread needs besides the argument blocks: working memory, its share, and a place to report bad data.
typedef struct {
  void *scratch;        // at least the largest `dk_scratch_bytes` of the plan, aligned to 64 bytes
  int32_t part, parts;  // the share of a kernel's work to do: part 0 of 1 is all of it
  dk_status status;
  int64_t detail[3];    // DK_INDEX_OUT_OF_RANGE: the index, the extent it had to stay below, its position
} dk_context;

typedef void (*dk_function)(const void *arguments, dk_context *context);

typedef enum {
  DK_ELEMENTWISE, DK_REDUCE, DK_ARG_REDUCE, DK_CUMULATIVE_SUM, DK_COPY, DK_FILL, DK_IOTA,
  DK_GATHER, DK_SCATTER_ADD, DK_ARG_SORT, DK_RANDOM, DK_MATMUL, DK_CONVOLUTION, DK_TO_BFLOAT16,
  DK_SUMMING_PASS, DK_ATTENTION, DK_ATTENTION_GRADIENT,
  DK_KERNEL_COUNT
} dk_kernel_id;

// The function of a kernel at a level (never above `dk_best_level()`), to be called with that kernel's arguments.
dk_function dk_kernel(dk_kernel_id kernel, dk_level level);

// Bytes of scratch a call with these arguments needs.
int64_t dk_scratch_bytes(dk_kernel_id kernel, const void *arguments);

typedef struct {
  dk_function function;
  const void *arguments;
  int64_t nanoseconds;  // about what it takes one thread, to decide whether to share it; 0 for work nobody can share
} dk_command;

// Runs the commands in order with subnormals flushed to zero, and restores the caller's floating-point mode.
// Commands worth it are cut into up to `threads` parts, with one context each.
// Stops at the first command that reports a status, then found in context 0; returns its index, or -1 when all ran.
// Where `spent` is not NULL the time of each command is added to it, in nanoseconds.
int64_t dk_run(const dk_command *commands, int64_t count, dk_context *contexts, int32_t threads, int64_t *spent);

// Threads the kernels may use, the caller's included: at first one for each processor this process may run on, or as
// many as the environment variable DESCENT_THREADS says.
int32_t dk_threads(void);
void dk_set_threads(int32_t count);

// ---------------------------------------------------------------------------------------------------------
// Elementwise: a fused program over a grid of up to DK_MAX_RANK axes, run block by block with its temporaries in L1.

// The functions of one real number, each named here and where it is computed.
#define DK_FLOAT_FUNCTIONS(X)                                                                                          \
  X(EXP, exp) X(LOG, log) X(LOG1P, log1p) X(EXPM1, expm1) X(SQRT, sqrt) X(RSQRT, rsqrt) X(SIN, sin) X(COS, cos)        \
  X(TANH, tanh) X(SIGMOID, sigmoid) X(ERF, erf)
#define DK_ENUMERATOR(NAME, name) DK_##NAME,

typedef enum {
  // one operand
  DK_MOVE, DK_NEGATE, DK_ABS, DK_SIGN, DK_FLOOR, DK_CEIL, DK_ROUND, DK_FLOAT_FUNCTIONS(DK_ENUMERATOR) DK_NOT,
  // two operands
  DK_ADD, DK_SUBTRACT, DK_MULTIPLY, DK_DIVIDE, DK_POWER, DK_MINIMUM, DK_MAXIMUM,
  DK_EQUAL, DK_NOT_EQUAL, DK_LESS, DK_LESS_EQUAL, DK_GREATER, DK_GREATER_EQUAL,
  // three operands: a != 0 ? b : c
  DK_SELECT,
  // one operand: a number for each row from the row's elements, and the other way round
  DK_ROW_SUM, DK_ROW_MAX, DK_ROW_MIN, DK_ROW_SPREAD,
  DK_OP_COUNT
} dk_op;

// One array the program reads or writes: element (i0, i1, …) lies at data[i0 * stride[0] + i1 * stride[1] + …].
// Stride 0 broadcasts; a stride may be negative. Values are converted from `dtype` on loading and to it on storing
// (float to integer truncates toward zero and saturates, NaN becomes 0; integer to narrower integer wraps;
// anything to bool is != 0).
typedef struct {
  void *data;
  int32_t dtype;                  // dk_dtype
  int32_t isRow;                  // one element for each row, dense; the strides do not count
  int64_t stride[DK_MAX_RANK];
} dk_stream;

// Operand numbers: 0 ..< inputCount are input streams; then constantCount constants; then registerCount registers.
// `destination` is a register's operand number. An instruction with `isRow` has one result for each row: a reduction of
// rows, or any other operation on such results, on streams with isRow and on constants.
typedef struct { uint8_t op, destination, a, b, c, isRow; } dk_instruction;

typedef struct {
  int32_t compute;                // DK_FLOAT32, DK_FLOAT64 or DK_INT64: the type of every operand inside the program
  int32_t rank;                   // 0 is one element
  int64_t extent[DK_MAX_RANK];
  int64_t rowLength;              // the extent of the trailing axes that make a row; 0 where rows do not matter
  int32_t inputCount, constantCount, registerCount, instructionCount, outputCount;
  dk_stream input[DK_MAX_STREAMS];
  double floatConstant[DK_MAX_STREAMS];     // used when compute is a float type
  int64_t integerConstant[DK_MAX_STREAMS];  // used when compute is DK_INT64
  dk_instruction instruction[DK_MAX_INSTRUCTIONS];
  dk_stream output[DK_MAX_STREAMS];
  uint8_t outputOperand[DK_MAX_STREAMS];    // the operand each output stores
} dk_elementwise_arguments;
// Semantics: minimum and maximum propagate NaN; sign(NaN) is NaN, sign(±0) is ±0; round is half to even;
// comparisons give 0 or 1 and are false on NaN (not-equal true); NOT gives x == 0; integers wrap;
// integer DIVIDE truncates and x / 0 is 0; integer POWER multiplies repeatedly, and a negative exponent gives
// the truncated real result. DK_FLOAT_FUNCTIONS are not used when compute is DK_INT64.
// An output may be the same memory as an input when their strides agree on every axis.

// ---------------------------------------------------------------------------------------------------------
// Along one axis of [outer, count, inner].

typedef enum { DK_SUM, DK_MAX, DK_MIN } dk_reduction;

// [outer, count, inner] → [outer, inner]. Float sums are taken in a fixed order that is the same at every level,
// with an error that grows like the logarithm of `count`. MAX and MIN propagate NaN. An empty sum is 0, an empty
// maximum -infinity (integers: the least value), an empty minimum the opposite.
typedef struct {
  int32_t reduction, dtype;
  int64_t outer, count, inner;
  const void *input;
  void *output;
} dk_reduce_arguments;

// An elementwise pass over `parts` equal parts that are worked through one after the other; of some outputs each part,
// seen as [rows, columns], is reduced to a row while it is in the cache. `rows` × `columns` is a multiple of what one
// step along axis 0 of the pass covers.
enum { DK_MAX_SUMS = 4 };

typedef struct {
  int32_t output;                 // of the pass; where its data is NULL it is kept nowhere else
  int32_t reduction;
  void *results;                  // [parts, columns], of the output's type
} dk_column_sum;

typedef struct {
  const dk_elementwise_arguments *pass;
  int64_t parts, rows, columns;
  int32_t count;
  dk_column_sum sum[DK_MAX_SUMS];
} dk_summing_pass_arguments;

// The position (int32) of the first largest or smallest element; NaN counts as the extreme. count >= 1.
typedef struct {
  int32_t reduction, dtype;       // DK_MAX or DK_MIN
  int64_t outer, count, inner;
  const void *input;
  int32_t *output;
} dk_arg_reduce_arguments;

// Running sums along the axis, from the front or the back, including the element itself or not.
typedef struct {
  int32_t dtype, reverse, exclusive;
  int64_t outer, count, inner;
  const void *input;
  void *output;
} dk_cumulative_sum_arguments;

// Positions (int32) that sort each line: stable, NaN last when ascending and first when descending
// (equal elements keep their order in both directions).
typedef struct {
  int32_t dtype, descending;
  int64_t outer, count, inner;
  const void *input;
  int32_t *output;
} dk_arg_sort_arguments;

// ---------------------------------------------------------------------------------------------------------
// Data movement.

// Copies a grid between two strided arrays: transposes, slices, reversals, broadcasts, padding and concatenation.
// Source stride 0 broadcasts, strides may be negative. The arrays do not overlap.
typedef struct {
  int32_t elementSize;            // 1, 4 or 8
  int32_t rank;
  int64_t extent[DK_MAX_RANK], sourceStride[DK_MAX_RANK], destinationStride[DK_MAX_RANK];
  const void *source;
  void *destination;
} dk_copy_arguments;

// `count` equal elements.
typedef struct {
  int32_t elementSize;
  int64_t count;
  uint64_t bits;                  // the element's bits, in the low bytes
  void *output;
} dk_fill_arguments;

// `count` float32 numbers rounded to bfloat16: eight significant bits, ties to even. What is beyond the greatest of them
// becomes infinite, NaN stays NaN. Input and output may be the same. Not part of the browser's kernels.
typedef struct {
  int64_t count;
  const float *input;
  float *output;
} dk_round_arguments;

// 0, 1, 2, … along the middle axis of [outer, count, inner].
typedef struct {
  int32_t dtype;
  int64_t outer, count, inner;
  void *output;
} dk_iota_arguments;

// operand [batch, outer, count, inner], indices [batch, picks] → [batch, outer, picks, inner].
// An index outside 0 ..< count stops the run with DK_INDEX_OUT_OF_RANGE.
typedef struct {
  int32_t elementSize, indexType; // indexType: DK_INT32, DK_INT64 or DK_UINT8
  int64_t batch, outer, count, inner, picks;
  const void *operand, *indices;
  void *output;
} dk_gather_arguments;

// The transpose of gather: output [batch, outer, count, inner] becomes zero, then each update
// [batch, outer, picks, inner] is added at its index, in order of picks.
typedef struct {
  int32_t dtype, indexType;
  int64_t batch, outer, count, inner, picks;
  const void *updates, *indices;
  void *output;
} dk_scatter_add_arguments;

// ---------------------------------------------------------------------------------------------------------
// Random numbers: Threefry-2x32 with 20 rounds. For key (k0, k1), block j of a stream is
// threefry2x32(key, (j, stream)), giving words 2j and 2j + 1 of the row. FLOAT32 is (word >> 8) · 2⁻²⁴;
// FLOAT64 uses block j for element j: ((word0 << 32 | word1) >> 11) · 2⁻⁵³; INT32 is the word itself.
typedef struct {
  int32_t dtype;                  // DK_INT32 raw bits; DK_FLOAT32, DK_FLOAT64 uniform on [0, 1)
  uint32_t stream;
  int64_t batch, count;           // keys int32 [batch, 2] → output [batch, count]
  const int32_t *keys;
  void *output;
} dk_random_arguments;

// One block of the generator, for tests and for random numbers on the host.
void dk_threefry2x32(const uint32_t key[2], const uint32_t counter[2], uint32_t output[2]);

// ---------------------------------------------------------------------------------------------------------
// Matrix products: C[o, i] = A[o, i]·B[o, i] over two batch axes, C row-major with row stride `cRow`.
// A's element (i, p) lies at a[i * aRow + p * aColumn], B's (p, j) at b[p * bRow + j * bColumn];
// one of each operand's two strides is 1 (any stride is allowed where the extent is 1).
// Every element of C is one multiply-add chain over p in order, whatever its tile, so a row's result does not
// depend on how many other rows there are. Float products then finish each element while it is in a register:
// act((chain + bias[j]) + residual[i * residualRow + j]), the same bits as so many passes over C. Nothing overlaps C.
typedef enum {
  DK_IDENTITY,
  DK_RELU                         // x <= 0 ? 0 : x
} dk_activation;
typedef enum {
  DK_CHAIN,                       // as above
  DK_PIECES,                      // float32 operands in three bfloat16 pieces each: as exact, other bits; of an operand
                                  // below 2⁻¹¹⁰ the pieces below 2⁻¹²⁶ count as zero
  DK_BFLOAT16_TILES,              // float32 operands rounded to bfloat16, sums in float32
  DK_BFLOAT16_PAIRS               // the same by vector instructions, in another order
} dk_arithmetic;

// Whether this processor has matrix tiles that this process may use, which DK_PIECES and DK_BFLOAT16_TILES need.
int dk_has_tiles(void);
// Whether it multiplies vectors of bfloat16, which DK_BFLOAT16_PAIRS needs; and whether that is faster than float32.
int dk_has_pairs(void);
int dk_pairs_are_fast(void);

typedef struct {
  int32_t dtype;                  // DK_FLOAT32, DK_FLOAT64, DK_INT32 or DK_INT64
  int32_t arithmetic;             // dk_arithmetic; other than DK_CHAIN only for float32, where the processor can
  int64_t batchOuter, batchInner; // the counts of both batch axes; 1 where there is none
  int64_t m, n, k;
  int64_t aOuter, aInner, bOuter, bInner;  // strides between batches; 0 shares the operand
  int64_t cOuter, cInner;
  int64_t aRow, aColumn, bRow, bColumn, cRow;
  const void *a, *b;
  void *c;
  int32_t activation;             // dk_activation
  const void *bias, *residual;    // NULL adds nothing; bias serves every batch
  int64_t residualRow, residualOuter, residualInner;
  const void *packed;             // B as dk_pack laid it out, or NULL
  int64_t packedColumn;           // where in it this C's first column is
} dk_matmul_arguments;

// ---------------------------------------------------------------------------------------------------------
// Convolutions over up to three spatial axes, of which unused ones have extent 1:
// y[g, n, o, j] = sum over k, c of x[g, n, (o * stride + k * windowDilation - low) / inputDilation, c] * w[g, k, c, j]
// where the quotient is whole and inside the input. Not part of the browser's kernels.
// With channels last it computes results from pixels; with the roles of examples and channels exchanged (the examples
// of x dense, its channels far apart) it computes the derivative with respect to weights, which sums over many pixels.
// Every element is one multiply-add chain over k and c in order (for weights: over c and k), or where there are few
// output channels as many chains as a vector has lanes, whatever else is computed with it, so an image alone gives the
// bits it gives in a batch. Sums over pixels may be cut into chunks of c, each with a result of its own.
// Float results from pixels that are neither grouped nor of single channels are finished before they leave the cache:
// act(result + bias[j]), the same bits as passes over y.
typedef struct {
  int32_t dtype;                  // DK_FLOAT32, DK_FLOAT64, DK_INT32 or DK_INT64
  int32_t overPixels;             // whether this is such a derivative
  int32_t arithmetic;             // dk_arithmetic; DK_PIECES and DK_BFLOAT16_TILES only where there are tiles, for
                                  // float32, in layouts that dk_convolution_is_dense
  int64_t groups, batch, inputs, outputs;         // channels are counted in each group
  int64_t input[3], window[3], output[3];         // spatial extents
  int64_t stride[3], low[3], windowDilation[3], inputDilation[3];
  int64_t xGroup, xBatch, xAxis[3], xInput;
  int64_t wGroup, wAxis[3], wInput, wOutput;
  int64_t yGroup, yBatch, yAxis[3], yOutput;
  int64_t chunks, yChunk;         // over pixels: their number, 0 being 1, and the elements between their results
  const void *x, *w;
  void *y;
  int32_t activation;             // dk_activation
  const void *bias;               // one for every output channel; NULL adds nothing
  const void *packed;             // w as dk_pack laid it out, or NULL
} dk_convolution_arguments;

// Whether tiles can follow the layout: rows and columns of what they read and write lie side by side.
int dk_convolution_is_dense(const dk_convolution_arguments *arguments);
// How long it takes on tiles on one thread, about, in pieces or rounded as `arithmetic` says; 0 where there are none.
double dk_convolution_pieces_nanoseconds(const dk_convolution_arguments *arguments);

// ---------------------------------------------------------------------------------------------------------
// Weights that stay as they are from call to call: a product's B and a convolution's w may be laid out once as the
// kernel reads them fastest. Results are the same bits; a copy serves until the weights change. Not part of the browser's
// kernels.

// Bytes of the copy, aligned to 64; 0 where there is none that gains.
int64_t dk_packed_bytes(dk_kernel_id kernel, const void *arguments);
// Makes the copy, with a context's scratch.
void dk_pack(dk_kernel_id kernel, const void *arguments, void *packed, void *scratch);

// ---------------------------------------------------------------------------------------------------------
// Attention of float32 over two batch axes: softmax(Q·Kᵀ)·V for Q [queries, width], K [keys, width] and
// V [keys, values]. If causal, query i sees only the first i + 1 + keys - queries keys; one that sees none, or whose
// scores are all -∞, gives zeros. Not part of the browser's kernels.
//
// DK_ATTENTION writes for every head [queries, values], then [queries] the largest score of each row and [queries] the
// reciprocal of the sum of its powers e^(score - largest), for such a query 0 and 1.
// DK_ATTENTION_GRADIENT reads that as `result` besides, and the cotangent [queries, values]. For every head it writes
// [chunks, queries, width], whose sum over chunks is the cotangent of Q, and the cotangents [keys, width] of K and
// [keys, values] of V. Threads share heads and their chunks, which take blocks of keys in turns.
typedef struct {
  const void *data;
  int64_t outer, inner, row;      // strides; elements of a row are dense
} dk_head_rows;
typedef struct {
  int32_t isCausal;
  int64_t outer, inner;           // heads
  int64_t queries, keys, width, values, chunks;
  dk_head_rows query, key, value, cotangent;
  const void *result;             // dense
  void *output;                   // dense
} dk_attention_arguments;

// ---------------------------------------------------------------------------------------------------------
// Scalar mathematics in double precision without a C library: what the interpreter uses where there is none.
#define DK_DECLARATION(NAME, name) double dk_##name(double x);
DK_FLOAT_FUNCTIONS(DK_DECLARATION)
double dk_pow(double x, double y);
double dk_floor(double x), dk_ceil(double x), dk_rint(double x);

#ifdef __cplusplus
}
#endif
#endif
