#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "failure.h"
#include "inbox.h"
#include "outbox.h"
#include "session.h"

enum { WORKER_IN = 0, WORKER_OUT = 1, DIAGNOSTICS = 2 };

static enum init_exit refuse(const char *why) {
    if (write(DIAGNOSTICS, why, strlen(why)) < 0) return INIT_REFUSED;
    return INIT_REFUSED;
}

/* Returns the descriptor that tells of SIGCHLD, or -1. */
static int set_up_signals(void) {
    /*
     * Linux drops every signal from inside the namespace that PID 1 has no handler for, SIGKILL and SIGSTOP included.
     * gVisor does not, so what can be ignored is; SIGKILL ends init there, and the sandbox with it. Not SIGCHLD: when
     * that is ignored, children are reaped without telling.
     */
    struct sigaction action = {.sa_handler = SIG_IGN};
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    return signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What a container runtime left open above 2 could lead out of the sandbox. */
static void close_leftovers(void) {
    if (close_range(3, ~0U, 0) == 0) return;
    for (int fd = 3; fd < 4096; fd++) close(fd);
}

static bool set_up_files(void) {
    for (int fd = WORKER_IN; fd <= DIAGNOSTICS; fd++) {
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return false;
    }
    close_leftovers();
    /* A collection keeps a directory open for each level of depth. */
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    umask(0);
    return chdir("/") == 0;
}

enum slot { SLOT_IN, SLOT_OUT, SLOT_SIGNALS, SLOT_COMMAND, SLOTS = SLOT_COMMAND + COMMAND_SLOTS };

static void watch(struct pollfd slots[SLOTS], int signals) {
    slots[SLOT_IN] = (struct pollfd){.fd = WORKER_IN, .events = POLLIN};
    slots[SLOT_OUT] = (struct pollfd){.fd = WORKER_OUT, .events = outbox_is_empty() ? 0 : POLLOUT};
    slots[SLOT_SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
    command_watch(&slots[SLOT_COMMAND]);
    for (int slot = SLOT_COMMAND; has_failed() && slot < SLOTS; slot++) slots[slot].fd = -1;
}

/* False: the worker is gone. */
static bool serve_ready(const struct pollfd slots[SLOTS]) {
    if (slots[SLOT_OUT].revents & (POLLERR | POLLHUP | POLLNVAL)) return false;
    if (slots[SLOT_IN].revents != 0) {
        enum inbox_result result = inbox_read(WORKER_IN, session_frame);
        if (result == INBOX_END) return false;
        if (result == INBOX_TOO_LONG) fail_protocol("a payload longer than 65,536 bytes");
    }
    if (slots[SLOT_SIGNALS].revents != 0) {
        struct signalfd_siginfo told[8];
        if (read(slots[SLOT_SIGNALS].fd, told, sizeof told) > 0) command_child_ended();
    }
    command_ready(&slots[SLOT_COMMAND]);
    return true;
}

static enum init_exit loop(int signals) {
    for (;;) {
        enum progress progress = session_advance();
        if (!outbox_flush(WORKER_OUT)) return INIT_WORKER_GONE;
        if (has_failed() && outbox_is_empty()) return INIT_FAILED;
        struct pollfd slots[SLOTS];
        watch(slots, signals);
        bool go_on = progress == PROGRESS_NOW || (progress == PROGRESS_NEEDS_ROOM && outbox_has_room());
        if (poll(slots, SLOTS, go_on ? 0 : -1) >= 0) {
            if (!serve_ready(slots)) return INIT_WORKER_GONE;
        } else if (errno != EINTR) {
            /* Such as EINVAL, when the job has managed to lower this process's RLIMIT_NOFILE. */
            fail(ERROR_RESOURCES, "poll", (struct text){0}, errno);
            outbox_flush(WORKER_OUT);
            return INIT_FAILED;
        }
    }
}

enum init_exit init_serve(void) {
    /* First of all: a process of the same user must not open /proc/1/mem, /proc/1/fd and the like, nor trace this one. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    /* Anywhere else, killing every process would mean every process of this user on the host. */
    if (getpid() != 1) return refuse("sandbox-init: refusing to run: not PID 1 of a PID namespace\n");
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!set_up_files()) return refuse("sandbox-init: descriptors 0, 1 and 2 must be open\n");
    int signals = set_up_signals();
    if (signals < 0) return refuse("sandbox-init: cannot watch signals\n");
    session_begin();
    return loop(signals);
}
