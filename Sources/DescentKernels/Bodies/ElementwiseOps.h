// One loop for every operation and compute type: destination[i] = op(a[i], b[i], c[i]).
//
// An operand is a pointer and a mask on the index: all ones walks an array, zero reads the same vector for ever,
// so constants and broadcast scalars need no loops of their own. Only `count` elements are touched.

typedef struct { const void *data; size_t mask; } operand;
typedef void (*block_op)(void *destination, const operand *a, const operand *b, const operand *c, size_t count);

// The expression once for whole vectors and once for the rest; in a browser once for both, to be small.
#ifndef __wasm__
#define EACH_VECTOR(type, vector, expression)                                                                          \
  for (; count >= LANES; count -= LANES, d += LANES, pa += sa, pb += sb, pc += sc) {                                   \
    vector x = load_##type(pa), y = load_##type(pb), z = load_##type(pc);                                              \
    (void)y, (void)z;                                                                                                  \
    store_##type(d, expression);                                                                                       \
  }                                                                                                                    \
  if (count > 0) {                                                                                                     \
    vector x = load_part_##type(pa, count), y = load_part_##type(pb, count), z = load_part_##type(pc, count);          \
    (void)y, (void)z;                                                                                                  \
    store_part_##type(d, expression, count);                                                                           \
  }
#else
#define EACH_VECTOR(type, vector, expression)                                                                          \
  for (;; count -= LANES, d += LANES, pa += sa, pb += sb, pc += sc) {                                                  \
    int isWhole = count >= LANES;                                                                                      \
    vector x = isWhole ? load_##type(pa) : load_part_##type(pa, count);                                                \
    vector y = isWhole ? load_##type(pb) : load_part_##type(pb, count);                                                \
    vector z = isWhole ? load_##type(pc) : load_part_##type(pc, count);                                                \
    (void)y, (void)z;                                                                                                  \
    x = expression;                                                                                                    \
    if (isWhole) store_##type(d, x);                                                                                   \
    else store_part_##type(d, x, count);                                                                               \
    if (count <= LANES) break;                                                                                         \
  }
#endif

#define DEFINE_OP(type, scalar, vector, name, expression)                                                              \
  static void op_##name##_##type(void *destination, const operand *a, const operand *b, const operand *c,              \
                                 size_t count) {                                                                       \
    scalar *d = destination;                                                                                           \
    const scalar *pa = a->data, *pb = b->data, *pc = c->data;                                                          \
    size_t sa = LANES & a->mask, sb = LANES & b->mask, sc = LANES & c->mask;                                           \
    EACH_VECTOR(type, vector, expression)                                                                              \
  }

// An operation of few instructions: where both operands walk, or one is the same vector for ever, the loop does little
// but load and store.
#ifndef __wasm__
#define SIMPLE_LOOP(type, vector, first, second, expression)                                                           \
  _Pragma("clang loop unroll_count(4)") for (; count >= LANES; count -= LANES, d += LANES, pa += sa, pb += sb) {       \
    vector x = first, y = second;                                                                                      \
    (void)y;                                                                                                           \
    store_##type(d, expression);                                                                                       \
  }
#define DEFINE_SIMPLE_OP(type, scalar, vector, name, expression)                                                       \
  static void op_##name##_##type(void *destination, const operand *a, const operand *b, const operand *c,              \
                                 size_t count) {                                                                       \
    scalar *d = destination;                                                                                           \
    const scalar *pa = a->data, *pb = b->data;                                                                         \
    (void)c;                                                                                                           \
    if (a->mask && b->mask) {                                                                                          \
      const size_t sa = LANES, sb = LANES;                                                                             \
      SIMPLE_LOOP(type, vector, load_##type(pa), load_##type(pb), expression)                                          \
    } else if (a->mask) {                                                                                              \
      const size_t sa = LANES, sb = 0;                                                                                 \
      vector same = load_##type(pb);                                                                                   \
      SIMPLE_LOOP(type, vector, load_##type(pa), same, expression)                                                     \
    } else if (b->mask) {                                                                                              \
      const size_t sa = 0, sb = LANES;                                                                                 \
      vector same = load_##type(pa);                                                                                   \
      SIMPLE_LOOP(type, vector, same, load_##type(pb), expression)                                                     \
    } else {                                                                                                           \
      const size_t sa = 0, sb = 0;                                                                                     \
      SIMPLE_LOOP(type, vector, load_##type(pa), load_##type(pb), expression)                                          \
    }                                                                                                                  \
    if (count > 0) {                                                                                                   \
      vector x = load_part_##type(pa, count), y = load_part_##type(pb, count);                                         \
      (void)y;                                                                                                         \
      store_part_##type(d, expression, count);                                                                         \
    }                                                                                                                  \
  }
#else
#define DEFINE_SIMPLE_OP DEFINE_OP
#endif

#define DEFINE_COMMON_OPS(type, scalar, vector)                                                                        \
  DEFINE_OP(type, scalar, vector, move, x)                                                                             \
  DEFINE_OP(type, scalar, vector, sign, sign_##type(x))                                                                \
  DEFINE_SIMPLE_OP(type, scalar, vector, abs, abs_##type(x))                                                           \
  DEFINE_SIMPLE_OP(type, scalar, vector, not, x == 0 ? (vector)1 : (vector)0)                                          \
  DEFINE_SIMPLE_OP(type, scalar, vector, equal, x == y ? (vector)1 : (vector)0)                                        \
  DEFINE_SIMPLE_OP(type, scalar, vector, not_equal, x != y ? (vector)1 : (vector)0)                                    \
  DEFINE_SIMPLE_OP(type, scalar, vector, less, x < y ? (vector)1 : (vector)0)                                          \
  DEFINE_SIMPLE_OP(type, scalar, vector, less_equal, x <= y ? (vector)1 : (vector)0)                                   \
  DEFINE_SIMPLE_OP(type, scalar, vector, greater, x > y ? (vector)1 : (vector)0)                                       \
  DEFINE_SIMPLE_OP(type, scalar, vector, greater_equal, x >= y ? (vector)1 : (vector)0)                                \
  DEFINE_OP(type, scalar, vector, select, x != 0 ? y : z)

#define DEFINE_FLOAT_OPS(type, scalar, vector)                                                                         \
  DEFINE_COMMON_OPS(type, scalar, vector)                                                                              \
  DEFINE_SIMPLE_OP(type, scalar, vector, negate, -x)                                                                   \
  DEFINE_OP(type, scalar, vector, floor, floor_##type(x))                                                              \
  DEFINE_OP(type, scalar, vector, ceil, ceil_##type(x))                                                                \
  DEFINE_OP(type, scalar, vector, round, round_##type(x))                                                              \
  DEFINE_SIMPLE_OP(type, scalar, vector, add, x + y)                                                                   \
  DEFINE_SIMPLE_OP(type, scalar, vector, subtract, x - y)                                                              \
  DEFINE_SIMPLE_OP(type, scalar, vector, multiply, x * y)                                                              \
  DEFINE_OP(type, scalar, vector, divide, x / y)                                                                       \
  DEFINE_OP(type, scalar, vector, power, pow_##type(x, y))                                                             \
  DEFINE_SIMPLE_OP(type, scalar, vector, minimum, minimum_##type(x, y))                                                \
  DEFINE_SIMPLE_OP(type, scalar, vector, maximum, maximum_##type(x, y))

#define DEFINE_FUNCTION_F32(NAME, name) DEFINE_OP(f32, float, f32v, name, name##_f32(x))
#define DEFINE_FUNCTION_F64(NAME, name) DEFINE_OP(f64, double, f64v, name, name##_f64(x))
DEFINE_FLOAT_OPS(f32, float, f32v)
DEFINE_FLOAT_OPS(f64, double, f64v)
DK_FLOAT_FUNCTIONS(DEFINE_FUNCTION_F32)
DK_FLOAT_FUNCTIONS(DEFINE_FUNCTION_F64)
DEFINE_COMMON_OPS(i64, int64_t, i64v)
DEFINE_OP(i64, int64_t, i64v, negate, (i64v)(0 - (u64v)x))
DEFINE_OP(i64, int64_t, i64v, add, (i64v)((u64v)x + (u64v)y))
DEFINE_OP(i64, int64_t, i64v, subtract, (i64v)((u64v)x - (u64v)y))
DEFINE_OP(i64, int64_t, i64v, multiply, (i64v)((u64v)x * (u64v)y))
DEFINE_OP(i64, int64_t, i64v, divide, divide_i64(x, y))
DEFINE_OP(i64, int64_t, i64v, power, power_i64(x, y))
DEFINE_OP(i64, int64_t, i64v, minimum, x < y ? x : y)
DEFINE_OP(i64, int64_t, i64v, maximum, x > y ? x : y)

#define COMMON_ROWS(t)                                                                                                 \
  [DK_MOVE] = op_move_##t, [DK_NEGATE] = op_negate_##t, [DK_ABS] = op_abs_##t, [DK_SIGN] = op_sign_##t,                \
  [DK_NOT] = op_not_##t, [DK_ADD] = op_add_##t, [DK_SUBTRACT] = op_subtract_##t, [DK_MULTIPLY] = op_multiply_##t,      \
  [DK_DIVIDE] = op_divide_##t, [DK_POWER] = op_power_##t, [DK_MINIMUM] = op_minimum_##t,                               \
  [DK_MAXIMUM] = op_maximum_##t, [DK_EQUAL] = op_equal_##t, [DK_NOT_EQUAL] = op_not_equal_##t,                         \
  [DK_LESS] = op_less_##t, [DK_LESS_EQUAL] = op_less_equal_##t, [DK_GREATER] = op_greater_##t,                         \
  [DK_GREATER_EQUAL] = op_greater_equal_##t, [DK_SELECT] = op_select_##t
#define FLOAT_ROWS(t)                                                                                                  \
  COMMON_ROWS(t), [DK_FLOOR] = op_floor_##t, [DK_CEIL] = op_ceil_##t, [DK_ROUND] = op_round_##t
#define FUNCTION_ROW_F32(NAME, name) , [DK_##NAME] = op_##name##_f32
#define FUNCTION_ROW_F64(NAME, name) , [DK_##NAME] = op_##name##_f64

static const block_op opsFloat32[DK_OP_COUNT] = {FLOAT_ROWS(f32) DK_FLOAT_FUNCTIONS(FUNCTION_ROW_F32)};
static const block_op opsFloat64[DK_OP_COUNT] = {FLOAT_ROWS(f64) DK_FLOAT_FUNCTIONS(FUNCTION_ROW_F64)};
// Integers are whole already.
static const block_op opsInt64[DK_OP_COUNT] = {
  COMMON_ROWS(i64), [DK_FLOOR] = op_move_i64, [DK_CEIL] = op_move_i64, [DK_ROUND] = op_move_i64,
};
