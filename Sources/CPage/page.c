#include "CPage.h"

#include <stddef.h>

// The files of the page, in the order of their names, and the description of the API.

static const unsigned char audit_mustache[] = {
#embed "page/audit.mustache"
};

static const unsigned char badge_mustache[] = {
#embed "page/badge.mustache"
};

static const unsigned char bare_foot_mustache[] = {
#embed "page/bare-foot.mustache"
};

static const unsigned char bare_head_mustache[] = {
#embed "page/bare-head.mustache"
};

static const unsigned char conflict_mustache[] = {
#embed "page/conflict.mustache"
};

static const unsigned char diff_mustache[] = {
#embed "page/diff.mustache"
};

static const unsigned char facts_mustache[] = {
#embed "page/facts.mustache"
};

static const unsigned char foot_mustache[] = {
#embed "page/foot.mustache"
};

static const unsigned char head_mustache[] = {
#embed "page/head.mustache"
};

static const unsigned char history_list_mustache[] = {
#embed "page/history-list.mustache"
};

static const unsigned char history_mustache[] = {
#embed "page/history.mustache"
};

static const unsigned char icon_svg[] = {
#embed "page/icon.svg"
};

static const unsigned char job_progress_mustache[] = {
#embed "page/job-progress.mustache"
};

static const unsigned char job_mustache[] = {
#embed "page/job.mustache"
};

static const unsigned char lineage_start_mustache[] = {
#embed "page/lineage-start.mustache"
};

static const unsigned char lineage_mustache[] = {
#embed "page/lineage.mustache"
};

static const unsigned char moment_mustache[] = {
#embed "page/moment.mustache"
};

static const unsigned char operation_list_mustache[] = {
#embed "page/operation-list.mustache"
};

static const unsigned char operation_state_mustache[] = {
#embed "page/operation-state.mustache"
};

static const unsigned char operation_mustache[] = {
#embed "page/operation.mustache"
};

static const unsigned char overview_now_mustache[] = {
#embed "page/overview-now.mustache"
};

static const unsigned char overview_operations_mustache[] = {
#embed "page/overview-operations.mustache"
};

static const unsigned char overview_problems_mustache[] = {
#embed "page/overview-problems.mustache"
};

static const unsigned char overview_switches_mustache[] = {
#embed "page/overview-switches.mustache"
};

static const unsigned char overview_tiles_mustache[] = {
#embed "page/overview-tiles.mustache"
};

static const unsigned char overview_mustache[] = {
#embed "page/overview.mustache"
};

static const unsigned char page_css[] = {
#embed "page/page.css"
};

static const unsigned char page_js[] = {
#embed "page/page.js"
};

static const unsigned char pager_mustache[] = {
#embed "page/pager.mustache"
};

static const unsigned char problem_list_mustache[] = {
#embed "page/problem-list.mustache"
};

static const unsigned char problem_mustache[] = {
#embed "page/problem.mustache"
};

static const unsigned char seal_mustache[] = {
#embed "page/seal.mustache"
};

static const unsigned char seen_mustache[] = {
#embed "page/seen.mustache"
};

static const unsigned char sign_in_mustache[] = {
#embed "page/sign-in.mustache"
};

static const unsigned char storage_problems_mustache[] = {
#embed "page/storage-problems.mustache"
};

static const unsigned char storage_remote_mustache[] = {
#embed "page/storage-remote.mustache"
};

static const unsigned char storage_schedule_mustache[] = {
#embed "page/storage-schedule.mustache"
};

static const unsigned char storage_use_mustache[] = {
#embed "page/storage-use.mustache"
};

static const unsigned char storage_mustache[] = {
#embed "page/storage.mustache"
};

static const unsigned char switch_table_mustache[] = {
#embed "page/switch-table.mustache"
};

static const unsigned char token_new_mustache[] = {
#embed "page/token-new.mustache"
};

static const unsigned char tokens_mustache[] = {
#embed "page/tokens.mustache"
};

static const unsigned char training_decision_mustache[] = {
#embed "page/training-decision.mustache"
};

static const unsigned char training_jobs_mustache[] = {
#embed "page/training-jobs.mustache"
};

static const unsigned char training_mustache[] = {
#embed "page/training.mustache"
};

static const unsigned char version_actions_mustache[] = {
#embed "page/version-actions.mustache"
};

static const unsigned char version_mustache[] = {
#embed "page/version.mustache"
};

static const unsigned char versions_list_mustache[] = {
#embed "page/versions-list.mustache"
};

static const unsigned char versions_mustache[] = {
#embed "page/versions.mustache"
};

static const unsigned char warning_mustache[] = {
#embed "page/warning.mustache"
};

static const unsigned char openapi_yaml[] = {
#embed "../../schemas/openapi.yaml"
};

#define FILE_OF(name, bytes) {name, bytes, sizeof bytes}

static const struct page_file files[] = {
    FILE_OF("audit.mustache", audit_mustache),
    FILE_OF("badge.mustache", badge_mustache),
    FILE_OF("bare-foot.mustache", bare_foot_mustache),
    FILE_OF("bare-head.mustache", bare_head_mustache),
    FILE_OF("conflict.mustache", conflict_mustache),
    FILE_OF("diff.mustache", diff_mustache),
    FILE_OF("facts.mustache", facts_mustache),
    FILE_OF("foot.mustache", foot_mustache),
    FILE_OF("head.mustache", head_mustache),
    FILE_OF("history-list.mustache", history_list_mustache),
    FILE_OF("history.mustache", history_mustache),
    FILE_OF("icon.svg", icon_svg),
    FILE_OF("job-progress.mustache", job_progress_mustache),
    FILE_OF("job.mustache", job_mustache),
    FILE_OF("lineage-start.mustache", lineage_start_mustache),
    FILE_OF("lineage.mustache", lineage_mustache),
    FILE_OF("moment.mustache", moment_mustache),
    FILE_OF("operation-list.mustache", operation_list_mustache),
    FILE_OF("operation-state.mustache", operation_state_mustache),
    FILE_OF("operation.mustache", operation_mustache),
    FILE_OF("overview-now.mustache", overview_now_mustache),
    FILE_OF("overview-operations.mustache", overview_operations_mustache),
    FILE_OF("overview-problems.mustache", overview_problems_mustache),
    FILE_OF("overview-switches.mustache", overview_switches_mustache),
    FILE_OF("overview-tiles.mustache", overview_tiles_mustache),
    FILE_OF("overview.mustache", overview_mustache),
    FILE_OF("page.css", page_css),
    FILE_OF("page.js", page_js),
    FILE_OF("pager.mustache", pager_mustache),
    FILE_OF("problem-list.mustache", problem_list_mustache),
    FILE_OF("problem.mustache", problem_mustache),
    FILE_OF("seal.mustache", seal_mustache),
    FILE_OF("seen.mustache", seen_mustache),
    FILE_OF("sign-in.mustache", sign_in_mustache),
    FILE_OF("storage-problems.mustache", storage_problems_mustache),
    FILE_OF("storage-remote.mustache", storage_remote_mustache),
    FILE_OF("storage-schedule.mustache", storage_schedule_mustache),
    FILE_OF("storage-use.mustache", storage_use_mustache),
    FILE_OF("storage.mustache", storage_mustache),
    FILE_OF("switch-table.mustache", switch_table_mustache),
    FILE_OF("token-new.mustache", token_new_mustache),
    FILE_OF("tokens.mustache", tokens_mustache),
    FILE_OF("training-decision.mustache", training_decision_mustache),
    FILE_OF("training-jobs.mustache", training_jobs_mustache),
    FILE_OF("training.mustache", training_mustache),
    FILE_OF("version-actions.mustache", version_actions_mustache),
    FILE_OF("version.mustache", version_mustache),
    FILE_OF("versions-list.mustache", versions_list_mustache),
    FILE_OF("versions.mustache", versions_mustache),
    FILE_OF("warning.mustache", warning_mustache),
    FILE_OF("openapi.yaml", openapi_yaml),
};

unsigned long page_file_count(void) { return sizeof files / sizeof *files; }

const struct page_file *page_file_at(unsigned long i) { return i < page_file_count() ? &files[i] : NULL; }
