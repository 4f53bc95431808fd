// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011),
// LANES blocks at a time.

typedef struct { u32v word0, word1; } threefry_words;

INLINE u32v rotate_left(u32v x, int bits) { return x << bits | x >> (32 - bits); }

INLINE threefry_words threefry(uint32_t key0, uint32_t key1, u32v counter0, u32v counter1) {
  static const int rotation[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  const uint32_t key[3] = {key0, key1, key0 ^ key1 ^ 0x1bd11bdau};
  u32v x0 = counter0 + key0, x1 = counter1 + key1;
#pragma clang loop unroll(full)
  for (int round = 0; round < 20; round++) {
    x0 += x1;
    x1 = rotate_left(x1, rotation[round % 8]) ^ x0;
    if (round % 4 == 3) {
      int group = round / 4 + 1;
      x0 += key[group % 3];
      x1 += key[(group + 1) % 3] + (uint32_t)group;
    }
  }
  return (threefry_words){x0, x1};
}
