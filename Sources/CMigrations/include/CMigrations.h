#pragma once

/// How many migrations there are; migration `i` brings `user_version` from `i` to `i + 1`.
unsigned long registry_migration_count(void);

/// The SQL of migration `i` (from 0), NUL-terminated; NULL when there is none.
const char *registry_migration_sql(unsigned long i);
