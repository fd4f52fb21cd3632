#include "CMigrations.h"

static const unsigned char initial[] = {
#embed "../../migrations/0001_initial.sql"
    , 0};

const struct registry_migration registry_migrations[] = {
    {"0001_initial", initial},
};

const unsigned long registry_migration_count = sizeof registry_migrations / sizeof *registry_migrations;
