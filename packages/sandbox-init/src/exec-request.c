#include "exec-request.h"

#include <string.h>
#include <sys/mman.h>

#include "failure.h"
#include "path.h"

/* Page-aligned, so that its pages can be given back. */
static _Alignas(4096) uint8_t gathered[EXEC_BYTES_MAX];
static size_t length;
static struct exec_request request;

void exec_request_add(const struct payload *payload) {
    if (payload->left > sizeof gathered - length) {
        fail(ERROR_EXEC, "argv and env are longer than 1 MiB", (struct text){0}, 0);
        return;
    }
    if (payload->left > 0) memcpy(gathered + length, payload->at, payload->left);
    length += payload->left;
}

void exec_request_forget(void) {
    length = 0;
    madvise(gathered, sizeof gathered, MADV_DONTNEED);
}

enum list_result { LIST_GOOD, LIST_MALFORMED, LIST_TOO_LONG };

/* Moves each string over its own length field: that makes room for the NUL that execve wants. */
static enum list_result take_list(struct payload *payload, char *list[], size_t most) {
    size_t count = payload_integer(payload, 4);
    if (count > most) return LIST_TOO_LONG;
    for (size_t i = 0; i < count; i++) {
        struct text text = payload_string(payload);
        if (payload->bad || memchr(text.bytes, '\0', text.length) != NULL) return LIST_MALFORMED;
        list[i] = text.bytes - 4;
        memmove(list[i], text.bytes, text.length);
        list[i][text.length] = '\0';
    }
    list[count] = NULL;
    return payload->bad ? LIST_MALFORMED : LIST_GOOD;
}

static bool env_is_good(char *const env[]) {
    for (; *env != NULL; env++) {
        if (**env == '=' || strchr(*env, '=') == NULL) return false;
    }
    return true;
}

const struct exec_request *exec_request_parse(void) {
    struct payload payload = {.at = gathered, .left = length};
    uint64_t kind = payload_integer(&payload, 1);
    request.cwd = payload_string(&payload);
    enum list_result argv = take_list(&payload, request.argv, ARGV_MAX);
    enum list_result env = argv == LIST_GOOD ? take_list(&payload, request.env, ENV_MAX) : argv;
    request.open_files = payload_integer(&payload, 8);
    request.file_size_bytes = payload_integer(&payload, 8);
    request.cpu_seconds = payload_integer(&payload, 8);
    if (argv == LIST_TOO_LONG || env == LIST_TOO_LONG) {
        fail(ERROR_EXEC, "argv or env has more than 1,024 strings", (struct text){0}, 0);
        return NULL;
    }
    bool good = env == LIST_GOOD && payload_complete(&payload) && kind <= KIND_RUN && request.argv[0] != NULL &&
                env_is_good(request.env) && (request.cwd.length == 0 || path_fault(request.cwd) == NULL);
    if (!good) {
        fail_protocol("malformed EXEC");
        return NULL;
    }
    request.kind = kind == KIND_COMPILE ? KIND_COMPILE : KIND_RUN;
    return &request;
}

const char *exec_request_program(void) { return request.argv[0]; }
