#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "collect.h"
#include "command.h"
#include "exec-request.h"
#include "failure.h"
#include "files.h"
#include "job-input.h"
#include "outbox.h"

enum phase {
    PHASE_GREETING,
    PHASE_FILES,
    PHASE_EXEC_PARTS,
    PHASE_COMMAND,
    PHASE_ENDED,
    PHASE_COLLECTING,
};

static enum phase phase;
static int workspace = -1;
/* A command was started: only a run may follow. A run was: nothing may. */
static bool had_command;
static bool had_run;

void session_begin(void) {
    uint8_t payload[6] = {'F', 'H', 'I', 'N'};
    put_integer(payload + 4, PROTOCOL_VERSION, 2);
    outbox_frame(INIT_HELLO, payload, sizeof payload);
}

static void greet(struct payload *payload) {
    uint64_t version = payload_integer(payload, 2);
    if (!payload_complete(payload) || version != PROTOCOL_VERSION) {
        fail_protocol("HELLO of another version");
        return;
    }
    workspace = open("/workspace", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (workspace < 0 || access("/workspace", R_OK | W_OK | X_OK) < 0) {
        fail(ERROR_WORKSPACE, "/workspace is not a writable directory", (struct text){0}, errno);
        return;
    }
    outbox_frame(INIT_READY, NULL, 0);
    phase = PHASE_FILES;
}

static void execute(const struct frame *frame) {
    phase = PHASE_EXEC_PARTS;
    exec_request_add(&frame->payload);
    if (has_failed() || (frame->flags & FLAG_MORE)) return;
    const struct exec_request *request = exec_request_parse();
    if (request == NULL) return;
    if (had_command && request->kind == KIND_COMPILE) {
        fail_protocol("a second compile");
        return;
    }
    had_command = true;
    had_run = request->kind == KIND_RUN;
    command_start(request, workspace);
    phase = PHASE_COMMAND;
}

static void take_input(const struct frame *frame) {
    if (!input_take(&frame->payload)) fail_protocol("STDIN past the credit or the end");
}

static void end_input(const struct frame *frame) {
    if (frame->payload.left > 0 || !input_end()) fail_protocol("STDIN_END with a payload, or twice");
}

static void kill_job(const struct frame *frame) {
    if (frame->payload.left > 0) {
        fail_protocol("KILL with a payload");
    } else if (phase == PHASE_COMMAND) {
        command_kill();
    }
}

static bool is_legal(uint8_t type) {
    bool after_exec = phase >= PHASE_COMMAND;
    switch (type) {
        case WORKER_HELLO:
            return phase == PHASE_GREETING;
        case WORKER_FILE:
            return phase == PHASE_FILES && !files_are_unfinished();
        case WORKER_FILE_DATA:
            return phase == PHASE_FILES && files_are_unfinished();
        case WORKER_EXEC:
            return phase == PHASE_EXEC_PARTS || (phase == PHASE_FILES && !files_are_unfinished()) ||
                   (phase == PHASE_ENDED && !had_run);
        case WORKER_STDIN:
        case WORKER_STDIN_END:
            return after_exec;
        case WORKER_KILL:
            return phase != PHASE_GREETING;
        case WORKER_COLLECT:
            return phase == PHASE_ENDED;
        default:
            return false;
    }
}

void session_frame(struct frame *frame) {
    if (has_failed()) return;
    uint8_t known_flags = frame->type == WORKER_EXEC ? FLAG_MORE : 0;
    if (!is_legal(frame->type) || (frame->flags & ~known_flags) || frame->channel != 0) {
        fail_protocol("a frame that is unknown or not legal now");
        return;
    }
    switch ((enum worker_frame)frame->type) {
        case WORKER_HELLO:
            greet(&frame->payload);
            return;
        case WORKER_FILE:
            files_begin(workspace, &frame->payload);
            return;
        case WORKER_FILE_DATA:
            files_data(&frame->payload);
            return;
        case WORKER_EXEC:
            execute(frame);
            return;
        case WORKER_STDIN:
            take_input(frame);
            return;
        case WORKER_STDIN_END:
            end_input(frame);
            return;
        case WORKER_KILL:
            kill_job(frame);
            return;
        case WORKER_COLLECT:
            collect_begin(workspace, &frame->payload);
            phase = PHASE_COLLECTING;
            return;
    }
}

enum progress session_advance(void) {
    if (has_failed()) return PROGRESS_NONE;
    if (phase == PHASE_COMMAND) {
        enum progress progress = command_advance();
        if (command_is_over()) phase = PHASE_ENDED;
        return progress;
    }
    if (phase == PHASE_COLLECTING) {
        enum progress progress = collect_advance();
        if (progress == PROGRESS_NONE) phase = PHASE_ENDED;
        return progress;
    }
    return PROGRESS_NONE;
}
