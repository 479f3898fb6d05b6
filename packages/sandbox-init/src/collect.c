#include "collect.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "artifact.h"
#include "failure.h"
#include "glob.h"
#include "outbox.h"
#include "path.h"
#include "walk.h"

enum { ENTRIES_AT_ONCE = 16 };

static uint8_t kept[FRAME_PAYLOAD_MAX];
static struct text patterns[PATTERNS_MAX];
static size_t pattern_count;

static uint32_t most_files;
static uint64_t bytes_left;
static uint32_t collected;
static uint32_t skipped;

static enum walk_result met;
static struct walk_entry entry;
/* The path of the file being sent; the walk's own copy of it is still there, as the walk stands still meanwhile. */
static struct text sending;

static void skip(enum skip_reason reason, struct text path) {
    if (skipped < UINT32_MAX) skipped++;
    if (skipped > SKIPPED_FRAMES_MAX) return;
    uint8_t payload[1 + 4 + PATH_BYTES_MAX];
    size_t length = path.length < PATH_BYTES_MAX ? path.length : PATH_BYTES_MAX;
    payload[0] = (uint8_t)reason;
    uint8_t *at = put_integer(payload + 1, length, 4);
    memcpy(at, path.bytes, length);
    outbox_frame(INIT_ARTIFACT_SKIPPED, payload, 1 + 4 + length);
}

void collect_begin(int workspace, struct payload *payload) {
    size_t count = payload_integer(payload, 4);
    struct payload list = {.at = kept, .left = payload->left};
    memcpy(kept, payload->at, payload->left);
    pattern_count = 0;
    for (; pattern_count < count && pattern_count < PATTERNS_MAX && !list.bad; pattern_count++) {
        patterns[pattern_count] = payload_string(&list);
    }
    most_files = (uint32_t)payload_integer(&list, 4);
    bytes_left = payload_integer(&list, 8);
    if (payload->bad || count > PATTERNS_MAX || !payload_complete(&list)) {
        fail_protocol("malformed COLLECT");
        return;
    }
    collected = skipped = 0;
    met = walk_begin(workspace, &entry);
}

static bool any_matches(struct text path) {
    for (size_t i = 0; i < pattern_count; i++) {
        if (glob_matches(patterns[i], path)) return true;
    }
    return false;
}

static bool any_reaches_below(struct text directory) {
    for (size_t i = 0; i < pattern_count; i++) {
        if (glob_reaches_below(patterns[i], directory)) return true;
    }
    return false;
}

/* A pattern with a `*` is after the files in a directory; one such as `out` was after a file, and its author wants to know. */
static bool any_names(struct text directory) {
    for (size_t i = 0; i < pattern_count; i++) {
        if (glob_names_one(patterns[i]) && glob_matches(patterns[i], directory)) return true;
    }
    return false;
}

static bool entry_is_directory(void) {
    if (entry.type != DT_UNKNOWN) return entry.type == DT_DIR;
    struct stat found;
    return fstatat(entry.directory, entry.name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(found.st_mode);
}

static void visit_directory(void) {
    if (any_names(entry.path)) skip(SKIP_NOT_REGULAR, entry.path);
    if (!any_reaches_below(entry.path)) return;
    switch (walk_into(&entry)) {
        case DESCENT_DONE:
            return;
        case DESCENT_TOO_DEEP:
            skip(SKIP_PATH, entry.path);
            return;
        case DESCENT_UNREADABLE:
            skip(SKIP_UNREADABLE, entry.path);
            return;
    }
}

static void visit_file(void) {
    if (!any_matches(entry.path)) return;
    if (path_fault(entry.path) != NULL) {
        skip(SKIP_PATH, entry.path);
        return;
    }
    struct artifact artifact = {.directory = entry.directory, .name = entry.name, .path = entry.path};
    enum skip_reason reason;
    if (!artifact_inspect(&artifact, &reason)) {
        skip(reason, entry.path);
    } else if (collected >= most_files) {
        skip(SKIP_COUNT_LIMIT, entry.path);
    } else if ((uint64_t)artifact.found.st_size > bytes_left) {
        skip(SKIP_BYTES_LIMIT, entry.path);
    } else if (!artifact_begin(&artifact, &reason)) {
        skip(reason, entry.path);
    } else {
        collected++;
        bytes_left -= (uint64_t)artifact.found.st_size;
        sending = entry.path;
    }
}

static void visit(void) {
    if (met == WALK_UNREADABLE) {
        struct text workspace = {.bytes = (char *)".", .length = 1};
        skip(SKIP_UNREADABLE, entry.path.length == 0 ? workspace : entry.path);
    } else if (entry_is_directory()) {
        visit_directory();
    } else {
        visit_file();
    }
    if (artifact_is_open()) return;
    met = walk_next(&entry);
}

static void send_artifact(void) {
    artifact_advance();
    if (artifact_is_open()) return;
    if (artifact_has_changed()) skip(SKIP_CHANGED, sending);
    met = walk_next(&entry);
}

enum progress collect_advance(void) {
    for (int step = 0; step < ENTRIES_AT_ONCE; step++) {
        if (!outbox_has_room()) return PROGRESS_NEEDS_ROOM;
        if (artifact_is_open()) {
            send_artifact();
        } else if (met != WALK_END) {
            visit();
        } else {
            uint8_t payload[8];
            put_integer(put_integer(payload, collected, 4), skipped, 4);
            outbox_frame(INIT_COLLECTED, payload, sizeof payload);
            return PROGRESS_NONE;
        }
    }
    return PROGRESS_NOW;
}
