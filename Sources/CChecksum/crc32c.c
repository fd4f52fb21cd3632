#include "CChecksum.h"

#include <pthread.h>
#include <string.h>

#if defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#elif defined(__x86_64__)
#include <nmmintrin.h>
#endif

// The polynomial with its bits reversed, as the checksum takes bits from the low end.
#define POLYNOMIAL 0x82F63B78u

static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

// table[k][b]: what byte b does to the checksum when k bytes follow it.
static void make_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    table[0][byte] = crc;
  }
  for (int after = 1; after < 8; after++)
    for (int byte = 0; byte < 256; byte++)
      table[after][byte] = (table[after - 1][byte] >> 8) ^ table[0][table[after - 1][byte] & 0xFF];
}

uint32_t cchecksum_crc32c_by_table(uint32_t crc, const void *bytes, size_t count) {
  pthread_once(&table_once, make_table);
  const uint8_t *next = bytes;
  crc = ~crc;
  for (; count >= 8; count -= 8, next += 8) {
    uint64_t eight;
    memcpy(&eight, next, 8);
    eight ^= crc;  // little-endian, as all that this is built for
    crc = table[7][eight & 0xFF] ^ table[6][eight >> 8 & 0xFF] ^ table[5][eight >> 16 & 0xFF] ^
          table[4][eight >> 24 & 0xFF] ^ table[3][eight >> 32 & 0xFF] ^ table[2][eight >> 40 & 0xFF] ^
          table[1][eight >> 48 & 0xFF] ^ table[0][eight >> 56];
  }
  for (; count > 0; count--) crc = (crc >> 8) ^ table[0][(crc ^ *next++) & 0xFF];
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *next, size_t count) {
  uint64_t wide = ~crc;
  for (; count >= 8; count -= 8, next += 8) {
    uint64_t eight;
    memcpy(&eight, next, 8);
    wide = _mm_crc32_u64(wide, eight);
  }
  uint32_t narrow = (uint32_t)wide;
  for (; count > 0; count--) narrow = _mm_crc32_u8(narrow, *next++);
  return ~narrow;
}
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__)
__attribute__((target("+crc"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *next, size_t count) {
  crc = ~crc;
  for (; count >= 8; count -= 8, next += 8) {
    uint64_t eight;
    memcpy(&eight, next, 8);
    crc = __crc32cd(crc, eight);
  }
  for (; count > 0; count--) crc = __crc32cb(crc, *next++);
  return ~crc;
}
static int has_instruction(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }
#endif

uint32_t cchecksum_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__) || defined(__aarch64__)
  if (has_instruction()) return by_instruction(crc, bytes, count);
#endif
  return cchecksum_crc32c_by_table(crc, bytes, count);
}
