#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol.h"
#include "utf8.h"

static bool part_is_bad(const char *part, size_t length) {
    if (length == 0 || length > NAME_BYTES_MAX) return true;
    return part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.'));
}

const char *path_fault(struct text path) {
    if (path.length == 0) return "is empty";
    if (path.length > PATH_BYTES_MAX) return "is too long";
    if (path.bytes[0] == '/') return "is absolute";
    if (!utf8_is_printable(path.bytes, path.length)) return "has an unprintable or undecodable character";
    if (memchr(path.bytes, '\\', path.length) != NULL) return "has a backslash";
    size_t depth = 1;
    size_t start = 0;
    for (size_t i = 0; i <= path.length; i++) {
        if (i < path.length && path.bytes[i] != '/') continue;
        if (part_is_bad(path.bytes + start, i - start)) return "has an empty, a dot, a dot-dot or a too long part";
        if (i < path.length) depth++;
        start = i + 1;
    }
    return depth > PATH_DEPTH_MAX ? "is too deep" : NULL;
}

struct text path_split(struct text path, struct text *directory) {
    const char *slash = memrchr(path.bytes, '/', path.length);
    size_t before = slash == NULL ? 0 : (size_t)(slash - path.bytes);
    *directory = (struct text){.bytes = path.bytes, .length = before};
    size_t start = slash == NULL ? 0 : before + 1;
    return (struct text){.bytes = path.bytes + start, .length = path.length - start};
}

void path_copy_name(char name[], struct text part) {
    memcpy(name, part.bytes, part.length);
    name[part.length] = '\0';
}

int path_open_directory(int root, struct text path, bool make) {
    static const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int at = openat(root, ".", flags);
    size_t start = 0;
    while (at >= 0 && start < path.length) {
        const char *slash = memchr(path.bytes + start, '/', path.length - start);
        size_t end = slash == NULL ? path.length : (size_t)(slash - path.bytes);
        char name[NAME_BYTES_MAX + 1];
        path_copy_name(name, (struct text){.bytes = path.bytes + start, .length = end - start});
        int next = -1;
        if (!make || mkdirat(at, name, 0755) == 0 || errno == EEXIST) next = openat(at, name, flags);
        int error = errno;
        close(at);
        errno = error;
        at = next;
        start = end + 1;
    }
    return at;
}
