// Memory for a module that has no C library: blocks of powers of two, each size with a list of the free ones.
//
// A page frees what it allocates in much the same sizes, so blocks are neither split nor joined.

#include <stddef.h>
#include <stdint.h>

enum { SMALLEST = 5, LARGEST = 31, PAGE = 65536 };

// In front of every address given out.
typedef struct header {
  struct header *next;            // while free
  void *block;                    // where the block begins
  uint32_t order;                 // its size is 2 to this
  uint32_t unused;
} header;

_Static_assert(sizeof(header) == 16, "addresses given out are multiples of 16");

extern unsigned char __heap_base;
static uintptr_t heapEnd;
static header *freeBlocks[LARGEST + 1];

// Takes new memory from the host; 0 if it has none left.
static void *grow(size_t bytes) {
  if (heapEnd == 0) heapEnd = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
  uintptr_t start = heapEnd, end = start + bytes;
  if (end < start) return 0;
  uintptr_t present = __builtin_wasm_memory_size(0) * (uintptr_t)PAGE;
  if (end > present && __builtin_wasm_memory_grow(0, (end - present + PAGE - 1) / PAGE) == (size_t)-1) return 0;
  heapEnd = end;
  return (void *)start;
}

static void *allocate(size_t bytes, size_t alignment) {
  size_t slack = alignment > 16 ? alignment : 0;
  size_t needed = bytes + slack + sizeof(header);
  if (needed < bytes) return 0;
  uint32_t order = SMALLEST;
  while (order < LARGEST && ((size_t)1 << order) < needed) order++;
  if (((size_t)1 << order) < needed) return 0;
  void *block;
  if (freeBlocks[order]) {
    block = freeBlocks[order]->block;
    freeBlocks[order] = freeBlocks[order]->next;
  } else {
    block = grow((size_t)1 << order);
    if (block == 0) return 0;
  }
  uintptr_t address = (uintptr_t)block + sizeof(header);
  if (slack) address = (address + alignment - 1) & ~(uintptr_t)(alignment - 1);
  header *front = (header *)address - 1;
  front->block = block;
  front->order = order;
  return (void *)address;
}

__attribute__((export_name("malloc"))) void *malloc(size_t bytes) { return allocate(bytes, 16); }

int posix_memalign(void **result, size_t alignment, size_t bytes) {
  *result = allocate(bytes, alignment);
  return *result ? 0 : 12;        // ENOMEM
}

__attribute__((export_name("free"))) void free(void *address) {
  if (address == 0) return;
  header *front = (header *)address - 1;
  front->next = freeBlocks[front->order];
  freeBlocks[front->order] = front;
}
