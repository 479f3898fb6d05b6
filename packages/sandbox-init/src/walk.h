/*
 * A walk through the workspace, directory by directory, that follows no link and recurses nowhere: at most PATH_DEPTH_MAX
 * directories are open at a time, each with a small buffer of its own.
 */
#ifndef FUMEHOOD_WALK_H
#define FUMEHOOD_WALK_H

#include "payload.h"

struct walk_entry {
    /* Relative to the workspace; valid until the next step. May be longer than a good path by one name. */
    struct text path;
    /* Its name, NUL-terminated, in the open directory that holds it. */
    const char *name;
    int directory;
    /* DT_… as the file system says, maybe DT_UNKNOWN. */
    unsigned char type;
};

enum walk_result {
    WALK_ENTRY,
    /* The directory at `path` can't be read, or no further. */
    WALK_UNREADABLE,
    WALK_END,
};

enum walk_result walk_begin(int workspace, struct walk_entry *entry);
enum walk_result walk_next(struct walk_entry *entry);

enum walk_descent { DESCENT_DONE, DESCENT_TOO_DEEP, DESCENT_UNREADABLE };

/* Makes the contents of a directory that was just met the next entries. */
enum walk_descent walk_into(const struct walk_entry *entry);

#endif
