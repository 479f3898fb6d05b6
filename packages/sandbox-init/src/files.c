#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"
#include "path.h"

static int file = -1;
static uint64_t missing;

bool files_are_unfinished(void) { return missing > 0; }

static void finish(void) {
    int error = close(file) == 0 ? 0 : errno;
    file = -1;
    if (error != 0) fail(ERROR_FILE, "cannot store a file", (struct text){0}, error);
}

/* O_EXCL: no file is written through anything that is already there, and none is given twice. */
static int create(int workspace, struct text path, bool executable) {
    struct text directory;
    struct text last = path_split(path, &directory);
    int parent = path_open_directory(workspace, directory, true);
    if (parent < 0) return -1;
    char name[NAME_BYTES_MAX + 1];
    path_copy_name(name, last);
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int created = openat(parent, name, flags, executable ? 0755 : 0644);
    int error = errno;
    close(parent);
    errno = error;
    return created;
}

void files_begin(int workspace, struct payload *payload) {
    struct text path = payload_string(payload);
    uint64_t mode = payload_integer(payload, 1);
    uint64_t size = payload_integer(payload, 8);
    if (!payload_complete(payload) || mode > 1) {
        fail_protocol("malformed FILE");
        return;
    }
    const char *fault = path_fault(path);
    if (fault != NULL) {
        fail(ERROR_FILE, "the path of a file", (struct text){.bytes = (char *)fault, .length = strlen(fault)}, 0);
        return;
    }
    file = create(workspace, path, mode == 1);
    if (file < 0) {
        fail(ERROR_FILE, "cannot create a file", path, errno);
        return;
    }
    missing = size;
    if (missing == 0) finish();
}

void files_data(struct payload *payload) {
    if (payload->left > missing) {
        fail_protocol("more FILE_DATA than the file's size");
        return;
    }
    while (payload->left > 0) {
        ssize_t written = write(file, payload->at, payload->left);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            fail(ERROR_FILE, "cannot store a file", (struct text){0}, errno);
            return;
        }
        payload->at += written;
        payload->left -= (size_t)written;
        missing -= (uint64_t)written;
    }
    if (missing == 0 && file >= 0) finish();
}
