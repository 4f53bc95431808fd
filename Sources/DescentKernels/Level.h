// All kernels at one level. The including file defines LANES and KERNEL_TABLE and sets the target.
//
// Multiplications and additions are fused in matmul and in the functions of float32, where the level can; nowhere else,
// so all other results are the same bits at every level.

#include "DescentKernels.h"
#include "AttentionShape.h"
#include "ConvolutionPieces.h"
#include "ConvolutionShape.h"
#include "Kernels.h"
#include "MatmulPieces.h"
#include "MatmulShape.h"

#pragma clang fp contract(off)

#include "Bodies/Vectors.h"
#include "Bodies/Span.h"
#include "Bodies/Angle.h"
#include "Bodies/MathFloat64.h"
#include "Bodies/PowerFloat64.h"
#if LANES > 4
#pragma clang fp contract(on)
#endif
#include "Bodies/MathFloat32.h"
#include "Bodies/ErrorFunction.h"
#pragma clang fp contract(off)
#include "Bodies/MathInt64.h"
#include "Bodies/ElementwiseOps.h"
#include "Bodies/Convert.h"
#include "Bodies/Grid.h"
#include "Bodies/Reduce.h"
#include "Bodies/Rows.h"
#include "Bodies/Elementwise.h"
#ifndef __wasm__
#include "Bodies/ElementwiseStrips.h"
#include "Bodies/ElementwiseStripPlan.h"
#include "Bodies/ElementwiseStripRun.h"
#endif
#include "Bodies/ElementwiseKernel.h"
#ifndef __wasm__
#include "Bodies/SummingPass.h"
#endif
#include "Bodies/Transpose.h"
#include "Bodies/Copy.h"
#include "Bodies/Fill.h"
#include "Bodies/Index.h"
#include "Bodies/Sort.h"
#include "Bodies/Threefry.h"
#include "Bodies/Random.h"
#include "Bodies/Matmul.h"
#ifndef __wasm__
#include "Bodies/Attention.h"
#include "Bodies/Convolution.h"
#include "Bodies/Round.h"
#endif

const dk_function KERNEL_TABLE[DK_KERNEL_COUNT] = {
  [DK_ELEMENTWISE] = elementwise, [DK_REDUCE] = reduce, [DK_ARG_REDUCE] = arg_reduce,
  [DK_CUMULATIVE_SUM] = cumulative_sum, [DK_COPY] = copy, [DK_FILL] = fill, [DK_IOTA] = iota, [DK_GATHER] = gather,
  [DK_SCATTER_ADD] = scatter_add, [DK_ARG_SORT] = arg_sort, [DK_RANDOM] = random_bits, [DK_MATMUL] = matmul,
#ifndef __wasm__
  [DK_CONVOLUTION] = convolution, [DK_TO_BFLOAT16] = round_to_bfloat16, [DK_SUMMING_PASS] = summing_pass,
  [DK_ATTENTION] = attention, [DK_ATTENTION_GRADIENT] = attention_gradient,
#endif
};
