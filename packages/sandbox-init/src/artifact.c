#include "artifact.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "outbox.h"

static int file = -1;
static uint64_t missing;
static bool changed;

bool artifact_is_open(void) { return file >= 0; }

bool artifact_has_changed(void) { return changed; }

static void announce(struct text path, uint64_t size) {
    uint8_t payload[4 + PATH_BYTES_MAX + 8];
    uint8_t *at = put_integer(payload, path.length, 4);
    memcpy(at, path.bytes, path.length);
    at = put_integer(at + path.length, size, 8);
    outbox_frame(INIT_ARTIFACT, payload, (size_t)(at - payload));
}

static bool is_collectable(const struct stat *found, enum skip_reason *reason) {
    if (S_ISREG(found->st_mode) && found->st_nlink == 1) return true;
    *reason = S_ISREG(found->st_mode) || S_ISLNK(found->st_mode) ? SKIP_LINK : SKIP_NOT_REGULAR;
    return false;
}

bool artifact_inspect(struct artifact *artifact, enum skip_reason *reason) {
    *reason = SKIP_UNREADABLE;
    if (fstatat(artifact->directory, artifact->name, &artifact->found, AT_SYMLINK_NOFOLLOW) < 0) return false;
    return is_collectable(&artifact->found, reason);
}

static void finish(void) {
    close(file);
    file = -1;
}

bool artifact_begin(const struct artifact *artifact, enum skip_reason *reason) {
    const struct stat *met = &artifact->found;
    *reason = SKIP_UNREADABLE;
    file = openat(artifact->directory, artifact->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0) return false;
    /* No process of the job is left to swap the file; asked again all the same, of the descriptor that is read. */
    struct stat opened;
    bool same = fstat(file, &opened) == 0 && opened.st_dev == met->st_dev && opened.st_ino == met->st_ino &&
                opened.st_size == met->st_size && is_collectable(&opened, reason);
    if (!same) {
        *reason = SKIP_CHANGED;
        finish();
        return false;
    }
    changed = false;
    missing = (uint64_t)opened.st_size;
    announce(artifact->path, missing);
    if (missing == 0) finish();
    return true;
}

void artifact_advance(void) {
    static const uint8_t zeros[FRAME_PAYLOAD_MAX];
    size_t portion = missing < FRAME_PAYLOAD_MAX ? (size_t)missing : FRAME_PAYLOAD_MAX;
    ssize_t got = changed ? 0 : outbox_frame_from(INIT_ARTIFACT_DATA, file, portion);
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) {
        changed = true;
        outbox_frame(INIT_ARTIFACT_DATA, zeros, portion);
        got = (ssize_t)portion;
    }
    missing -= (uint64_t)got;
    if (missing == 0) finish();
}
