// Elementwise programs of float32 a strip at a time: eight vectors that stay in registers from one instruction to the
// next, so that a chain of operations reads and writes memory once and not at every step.
//
// The bits are those of the block interpreter, which does the ends that fill no strip. Rows are reduced block by block,
// as there; between reductions a block goes through all instructions strip by strip.

enum { STRIP_VECTORS = 8, STRIP = STRIP_VECTORS * LANES, STRIP_BYTES = STRIP * 4 };

// Where an operand's elements are. Not all walk along: a temporary that is used up within its strip always lies in the
// same place, a constant is one vector, and a row's number one vector a row.
typedef struct {
  const char *data;
  size_t walk, rowWalk;           // masks on the offset within the block and on that of the row
  size_t lanes;                   // the mask of an operand of block operations: 0 for one vector
} place;

// What a step does with the strip in registers, A: operations are numbered form + 4 * op.
enum { STRIP_LEFT, STRIP_RIGHT, STRIP_LEFT_ONE, STRIP_RIGHT_ONE };  // A∘m, m∘A, A∘one vector, one vector∘A
enum { STRIP_END = 4 * DK_OP_COUNT, STRIP_LOAD, STRIP_STORE, STRIP_STREAM, STRIP_CALL, STRIP_SQUARE, STRIP_FETCH };

typedef struct {
  int32_t code;
  const place *a, *b, *c, *result;
  block_op call;
} strip_step;

INLINE const float *at(const place *p, size_t offset, size_t row) {
  return (const float *)(p->data + (offset & p->walk) + (row & p->rowWalk));
}

#define EACH_VECTOR_OF_STRIP _Pragma("clang loop unroll(full)") for (int v = 0; v < STRIP_VECTORS; v++)
#define STRIP_CASE(number, expression)                                                                                 \
  case number: {                                                                                                       \
    EACH_VECTOR_OF_STRIP a[v] = expression;                                                                            \
    break;                                                                                                             \
  }
#define STRIP_UNARY(op, name)                                                                                          \
  STRIP_CASE(4 * op, name(a[v]))
#define STRIP_BINARY(op, expression)                                                                                   \
  case 4 * op + STRIP_LEFT: {                                                                                          \
    EACH_VECTOR_OF_STRIP { f32v x = a[v], y = load_f32(m + v * LANES); a[v] = expression; }                            \
    break;                                                                                                             \
  }                                                                                                                    \
  case 4 * op + STRIP_RIGHT: {                                                                                         \
    EACH_VECTOR_OF_STRIP { f32v x = load_f32(m + v * LANES), y = a[v]; a[v] = expression; }                            \
    break;                                                                                                             \
  }                                                                                                                    \
  case 4 * op + STRIP_LEFT_ONE: {                                                                                      \
    f32v y = load_f32(m);                                                                                              \
    EACH_VECTOR_OF_STRIP { f32v x = a[v]; a[v] = expression; }                                                         \
    break;                                                                                                             \
  }                                                                                                                    \
  case 4 * op + STRIP_RIGHT_ONE: {                                                                                     \
    f32v x = load_f32(m);                                                                                              \
    EACH_VECTOR_OF_STRIP { f32v y = a[v]; a[v] = expression; }                                                         \
    break;                                                                                                             \
  }
#define STRIP_COMPARISON(op, comparison) STRIP_BINARY(op, (x comparison y) ? (f32v)1.0f : (f32v)0.0f)

// All whole strips of a range of offsets.
static void run_strips(const strip_step *steps, size_t offset, size_t end, size_t row) {
  for (; offset + STRIP_BYTES <= end; offset += STRIP_BYTES) {
    f32v a[STRIP_VECTORS];
    EACH_VECTOR_OF_STRIP a[v] = (f32v)0.0f;
    for (const strip_step *step = steps; step->code != STRIP_END; step++) {
      const float *m = at(step->b, offset, row);
      switch (step->code) {
        case STRIP_LOAD: {
          size_t s = LANES & step->b->lanes;
          EACH_VECTOR_OF_STRIP a[v] = load_f32(m + v * s);
          break;
        }
        case STRIP_STORE: {
          float *to = (float *)(uintptr_t)m;
          EACH_VECTOR_OF_STRIP store_f32(to + v * LANES, a[v]);
          break;
        }
        case STRIP_STREAM: {
          f32v *to = (f32v *)(uintptr_t)m;
          EACH_VECTOR_OF_STRIP __builtin_nontemporal_store(a[v], to + v);
          break;
        }
        case STRIP_CALL: {
          operand x = {at(step->a, offset, row), step->a->lanes}, y = {m, step->b->lanes};
          float *to = (float *)(uintptr_t)at(step->result, offset, row);
          step->call(to, &x, &y, &x, STRIP);
          EACH_VECTOR_OF_STRIP a[v] = load_f32(to + v * LANES);
          break;
        }
        case STRIP_FETCH: {
          EACH_VECTOR_OF_STRIP __builtin_prefetch(m + v * LANES);
          break;
        }
        STRIP_CASE(STRIP_SQUARE, a[v] * a[v])
        STRIP_BINARY(DK_ADD, x + y)
        STRIP_BINARY(DK_SUBTRACT, x - y)
        STRIP_BINARY(DK_MULTIPLY, x * y)
        STRIP_BINARY(DK_DIVIDE, x / y)
        STRIP_BINARY(DK_MINIMUM, minimum_f32(x, y))
        STRIP_BINARY(DK_MAXIMUM, maximum_f32(x, y))
        STRIP_COMPARISON(DK_EQUAL, ==)
        STRIP_COMPARISON(DK_NOT_EQUAL, !=)
        STRIP_COMPARISON(DK_LESS, <)
        STRIP_COMPARISON(DK_LESS_EQUAL, <=)
        STRIP_COMPARISON(DK_GREATER, >)
        STRIP_COMPARISON(DK_GREATER_EQUAL, >=)
        STRIP_UNARY(DK_MOVE, )
        STRIP_UNARY(DK_NEGATE, -)
        STRIP_UNARY(DK_ABS, abs_f32)
        STRIP_UNARY(DK_SQRT, sqrt_f32)
        STRIP_UNARY(DK_RSQRT, rsqrt_f32)
        case 4 * DK_SELECT + 0: {
          const float *n = at(step->c, offset, row);
          size_t s = LANES & step->b->lanes, t = LANES & step->c->lanes;
          EACH_VECTOR_OF_STRIP a[v] = a[v] != 0 ? load_f32(m + v * s) : load_f32(n + v * t);
          break;
        }
        case 4 * DK_SELECT + 1: {
          const float *n = at(step->c, offset, row);
          size_t s = LANES & step->b->lanes, t = LANES & step->c->lanes;
          EACH_VECTOR_OF_STRIP a[v] = load_f32(m + v * s) != 0 ? a[v] : load_f32(n + v * t);
          break;
        }
        case 4 * DK_SELECT + 2: {
          const float *n = at(step->c, offset, row);
          size_t s = LANES & step->b->lanes, t = LANES & step->c->lanes;
          EACH_VECTOR_OF_STRIP a[v] = load_f32(m + v * s) != 0 ? load_f32(n + v * t) : a[v];
          break;
        }
        default: __builtin_unreachable();
      }
    }
  }
}
