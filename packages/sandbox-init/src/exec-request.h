/* EXEC: gathered from its frames, then taken apart in place. */
#ifndef FUMEHOOD_EXEC_REQUEST_H
#define FUMEHOOD_EXEC_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "payload.h"
#include "protocol.h"

struct exec_request {
    enum command_kind kind;
    struct text cwd;
    char *argv[ARGV_MAX + 1];
    char *env[ENV_MAX + 1];
    uint64_t open_files;
    uint64_t file_size_bytes;
    uint64_t cpu_seconds;
};

/* Keeps the payload of one frame of an EXEC. Fails when all together are too much. */
void exec_request_add(const struct payload *payload);
/* The whole request, valid until it is forgotten; NULL when it was malformed or too much, which is a failure. */
const struct exec_request *exec_request_parse(void);
/* Its argv[0]. */
const char *exec_request_program(void);
/* Makes ready for another EXEC and gives the memory back. */
void exec_request_forget(void);

#endif
