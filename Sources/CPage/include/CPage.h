#pragma once

/// A file that is part of the program.
struct page_file {
  const char *name;
  const unsigned char *bytes;
  unsigned long count;
};

/// How many files there are.
unsigned long page_file_count(void);

/// File `i` (from 0); NULL when there is none.
const struct page_file *page_file_at(unsigned long i);
