#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "failure.h"
#include "job-input.h"
#include "outbox.h"
#include "reaper.h"
#include "reserve.h"

enum state {
    STATE_NONE,
    /* Forked; execve has neither succeeded nor failed yet. */
    STATE_STARTING,
    STATE_RUNNING,
    /* The main process has ended, or was told to: until no other is left. */
    STATE_KILLING,
    /* No process is left: until everything in the pipes is sent. */
    STATE_DRAINING,
    STATE_OVER,
};

static enum state state;
static enum command_kind kind;
static pid_t main_process;
static struct ending ending;
static int report = -1;
static bool kill_wanted;
static bool reap_due;

enum { READ_END, WRITE_END };

/* A pipe with init's end, which never blocks, and the command's. Both end with execve. */
static bool make_pipe(int ends[2], int own) {
    if (pipe2(ends, O_CLOEXEC) < 0) return false;
    return own < 0 || fcntl(ends[own], F_SETFL, O_NONBLOCK) == 0;
}

void command_start(const struct exec_request *request, int workspace) {
    int input[2], output[2], error_output[2], status[2];
    if (!make_pipe(input, WRITE_END) || !make_pipe(output, READ_END) || !make_pipe(error_output, READ_END) ||
        !make_pipe(status, READ_END)) {
        fail(ERROR_RESOURCES, "cannot make a pipe", (struct text){0}, errno);
        return;
    }
    pid_t pid = fork();
    if (pid < 0) {
        fail(ERROR_RESOURCES, "cannot fork", (struct text){0}, errno);
        return;
    }
    if (pid == 0) {
        struct child_files files = {
            .input = input[READ_END],
            .output = output[WRITE_END],
            .error_output = error_output[WRITE_END],
            .report = status[WRITE_END],
            .workspace = workspace,
        };
        child_execute(request, &files);
    }
    reserve_take();
    close(input[READ_END]);
    close(output[WRITE_END]);
    close(error_output[WRITE_END]);
    close(status[WRITE_END]);
    input_begin(input[WRITE_END]);
    output_begin(output[READ_END], error_output[READ_END]);
    report = status[READ_END];
    kind = request->kind;
    main_process = pid;
    ending = (struct ending){0};
    kill_wanted = false;
    state = STATE_STARTING;
}

static void begin_killing(void) {
    state = STATE_KILLING;
    reaper_kill_all();
    reap_due = true;
}

static void fail_to_start(struct child_report said, const char *program) {
    struct text name = {.bytes = (char *)program, .length = strlen(program)};
    bool no_memory = said.error == ENOMEM || said.error == EAGAIN;
    switch (said.stage) {
        case STAGE_FILES:
            fail(ERROR_RESOURCES, "cannot prepare the process", (struct text){0}, said.error);
            return;
        case STAGE_DIRECTORY:
            fail(ERROR_EXEC, "cannot enter the working directory", (struct text){0}, said.error);
            return;
        case STAGE_LIMITS:
            fail(ERROR_RESOURCES, "cannot set a resource limit", (struct text){0}, said.error);
            return;
        case STAGE_PROGRAM:
            fail(no_memory ? ERROR_RESOURCES : ERROR_EXEC, "cannot execute", name, said.error);
            return;
    }
}

/*
 * Learns whether the command began: execve closes the pipe, a child that could not says why. A child that was killed
 * before execve closes it too; it is taken for a command that began and was killed at once.
 */
static void read_report(void) {
    struct child_report said;
    ssize_t got = read(report, &said, sizeof said);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    close(report);
    report = -1;
    if (got == sizeof said) {
        fail_to_start(said, exec_request_program());
        return;
    }
    exec_request_forget();
    uint8_t started = (uint8_t)kind;
    outbox_frame(INIT_STARTED, &started, 1);
    input_allow();
    state = STATE_RUNNING;
    if (kill_wanted) begin_killing();
}

void command_kill(void) {
    kill_wanted = true;
    if (state == STATE_STARTING) reaper_kill_all();
    if (state == STATE_RUNNING) begin_killing();
}

void command_child_ended(void) { reap_due = true; }

static uint64_t microseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void say_exit(void) {
    bool signalled = WIFSIGNALED(ending.status);
    uint8_t payload[3 + 3 * 8];
    payload[0] = (uint8_t)kind;
    payload[1] = signalled ? 1 : 0;
    payload[2] = (uint8_t)(signalled ? WTERMSIG(ending.status) : WEXITSTATUS(ending.status));
    uint8_t *at = put_integer(payload + 3, microseconds(ending.usage.ru_utime), 8);
    at = put_integer(at, microseconds(ending.usage.ru_stime), 8);
    put_integer(at, (uint64_t)ending.usage.ru_maxrss * 1024, 8);
    outbox_frame(INIT_EXIT, payload, sizeof payload);
}

static void reap(void) {
    enum reaped reaped = reaper_reap(main_process, &ending);
    reap_due = reaped == REAPED_SOME;
    if (ending.seen && state == STATE_STARTING) read_report();
    if (ending.seen && state == STATE_RUNNING) begin_killing();
    if (state != STATE_KILLING) return;
    if (reaped == REAPED_LAST) {
        reserve_give_up();
        state = STATE_DRAINING;
    }
    /* Again before every wait; then whoever is still there (uninterruptible, say) ends with a SIGCHLD, not in a busy loop. */
    if (reaped == REAPED_THE_DEAD) reaper_kill_all();
}

enum progress command_advance(void) {
    if (reap_due) reap();
    if (state == STATE_DRAINING) {
        if (!output_drain()) return PROGRESS_NEEDS_ROOM;
        input_close();
        say_exit();
        state = STATE_OVER;
    }
    return reap_due ? PROGRESS_NOW : PROGRESS_NONE;
}

bool command_is_over(void) { return state == STATE_OVER; }

void command_watch(struct pollfd slots[COMMAND_SLOTS]) {
    slots[0] = (struct pollfd){.fd = report, .events = POLLIN};
    input_watch(&slots[1]);
    output_watch(&slots[2]);
    if (state == STATE_DRAINING) slots[2].fd = slots[3].fd = -1;
}

void command_ready(const struct pollfd slots[COMMAND_SLOTS]) {
    if (slots[0].revents != 0 && report >= 0) read_report();
    input_ready(&slots[1]);
    output_ready(&slots[2]);
}
