#include "CMigrations.h"

#include <stddef.h>

static const char initial[] = {
#embed "../../migrations/0001_initial.sql"
    , 0};

static const char lineage[] = {
#embed "../../migrations/0002_lineage.sql"
    , 0};

static const char remote[] = {
#embed "../../migrations/0003_remote.sql"
    , 0};

static const char sync[] = {
#embed "../../migrations/0004_sync.sql"
    , 0};

static const char training[] = {
#embed "../../migrations/0005_training.sql"
    , 0};

static const char scrub[] = {
#embed "../../migrations/0006_scrub.sql"
    , 0};

static const char *const migrations[] = {initial, lineage, remote, sync, training, scrub};

unsigned long registry_migration_count(void) { return sizeof migrations / sizeof *migrations; }

const char *registry_migration_sql(unsigned long i) {
  return i < registry_migration_count() ? migrations[i] : NULL;
}
