#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of the bytes behind those that `crc` stands for; 0 is that of no bytes.
/// With the processor's instruction where there is one.
uint32_t cchecksum_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same by table alone, for tests of the other.
uint32_t cchecksum_crc32c_by_table(uint32_t crc, const void *bytes, size_t count);
