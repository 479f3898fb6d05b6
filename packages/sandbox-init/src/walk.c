#include "walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "protocol.h"

/* Holds several entries; the longest takes 19 bytes and a name of 255 with its NUL, rounded up to 8. */
enum { ENTRIES_BYTES = 2048 };

struct level {
    int directory;
    /* Where this directory's path ends. */
    size_t path_length;
    size_t filled;
    size_t position;
    _Alignas(struct dirent64) char entries[ENTRIES_BYTES];
};

static struct level levels[PATH_DEPTH_MAX];
static size_t depth;
static char path[PATH_BYTES_MAX + 1 + NAME_BYTES_MAX];

static bool open_level(int parent, const char *name, size_t path_length) {
    int directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0) return false;
    struct level *level = &levels[depth++];
    level->directory = directory;
    level->path_length = path_length;
    level->filled = level->position = 0;
    return true;
}

static enum walk_result close_level(enum walk_result result, struct walk_entry *entry) {
    struct level *level = &levels[--depth];
    entry->path = (struct text){.bytes = path, .length = level->path_length};
    close(level->directory);
    return result;
}

enum walk_result walk_begin(int workspace, struct walk_entry *entry) {
    depth = 0;
    if (open_level(workspace, ".", 0)) return walk_next(entry);
    entry->path = (struct text){.bytes = path, .length = 0};
    return WALK_UNREADABLE;
}

static size_t append_name(size_t at, const char *name) {
    if (at > 0) path[at++] = '/';
    size_t length = strlen(name);
    memcpy(path + at, name, length);
    return at + length;
}

static bool is_dot_or_dot_dot(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

enum walk_result walk_next(struct walk_entry *entry) {
    while (depth > 0) {
        struct level *level = &levels[depth - 1];
        if (level->position == level->filled) {
            ssize_t got = getdents64(level->directory, level->entries, sizeof level->entries);
            if (got < 0) return close_level(WALK_UNREADABLE, entry);
            level->position = 0;
            level->filled = (size_t)got;
            if (got == 0) {
                close_level(WALK_END, entry);
                continue;
            }
        }
        const struct dirent64 *found = (const struct dirent64 *)(const void *)(level->entries + level->position);
        level->position += found->d_reclen;
        if (is_dot_or_dot_dot(found->d_name)) continue;
        entry->path = (struct text){.bytes = path, .length = append_name(level->path_length, found->d_name)};
        entry->name = found->d_name;
        entry->directory = level->directory;
        entry->type = found->d_type;
        return WALK_ENTRY;
    }
    return WALK_END;
}

enum walk_descent walk_into(const struct walk_entry *entry) {
    if (depth == PATH_DEPTH_MAX || entry->path.length >= PATH_BYTES_MAX) return DESCENT_TOO_DEEP;
    return open_level(entry->directory, entry->name, entry->path.length) ? DESCENT_DONE : DESCENT_UNREADABLE;
}
