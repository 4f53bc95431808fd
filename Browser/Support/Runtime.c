// What compiled Swift and C expect to find, in a module that has no C library.

#include <stddef.h>
#include <stdint.h>

// Each of these is one WebAssembly instruction.
void *memcpy(void *to, const void *from, size_t count) { return __builtin_memcpy(to, from, count); }
void *memmove(void *to, const void *from, size_t count) { return __builtin_memmove(to, from, count); }
void *memset(void *to, int byte, size_t count) { return __builtin_memset(to, byte, count); }

int memcmp(const void *a, const void *b, size_t count) {
  const unsigned char *x = a, *y = b;
  for (size_t i = 0; i < count; i++) {
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  }
  return 0;
}

size_t strlen(const char *text) {
  size_t count = 0;
  while (text[count] != 0) count++;
  return count;
}

// The seed of Swift's hashing. A page hashes nothing that an adversary chose, so every visit may take the same.
void arc4random_buf(void *to, size_t count) { memset(to, 0x5A, count); }

// The low 128 bits of a product of 128-bit numbers, which clang calls by this name.
typedef __int128 int128;
int128 __multi3(int128 a, int128 b) {
  const uint64_t low = 0xFFFFFFFFu;
  uint64_t a0 = (uint64_t)a, b0 = (uint64_t)b, a1 = (uint64_t)((unsigned __int128)a >> 64),
           b1 = (uint64_t)((unsigned __int128)b >> 64);
  uint64_t p00 = (a0 & low) * (b0 & low), p01 = (a0 & low) * (b0 >> 32), p10 = (a0 >> 32) * (b0 & low),
           p11 = (a0 >> 32) * (b0 >> 32);
  uint64_t middle = (p00 >> 32) + (p01 & low) + (p10 & low);
  uint64_t high = p11 + (p01 >> 32) + (p10 >> 32) + (middle >> 32) + a0 * b1 + a1 * b0;
  return (int128)((unsigned __int128)high << 64 | (middle << 32 | (p00 & low)));
}
