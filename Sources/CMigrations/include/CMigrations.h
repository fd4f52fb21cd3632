#pragma once

/// One step of the index's schema: plain SQL from migrations/, in order, NUL-terminated.
struct registry_migration {
  const char *name;
  const unsigned char *sql;
};

/// All migrations, oldest first; migration i brings `user_version` to i + 1.
extern const struct registry_migration registry_migrations[];
extern const unsigned long registry_migration_count;
