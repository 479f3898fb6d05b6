#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

_Noreturn static void give_up(int report, enum child_stage stage, int error) {
    struct child_report said = {.stage = stage, .error = error};
    if (write(report, &said, sizeof said) < 0) _exit(126);
    _exit(127);
}

static bool take_files(const struct child_files *files) {
    if (dup2(files->input, 0) < 0 || dup2(files->output, 1) < 0 || dup2(files->error_output, 2) < 0) return false;
    /* Each is close-on-exec already; this holds also for one that is added without it. Fails before Linux 5.11. */
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    return true;
}

/* What init ignores or blocks would otherwise be ignored and blocked in the command too. */
static void reset_signals(void) {
    struct sigaction byDefault = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &byDefault, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool enter(int workspace, struct text cwd) {
    int directory = path_open_directory(workspace, cwd, false);
    return directory >= 0 && fchdir(directory) == 0;
}

/*
 * Makes the kernel choose the job and not init when memory ends. A process that is not dumpable has its /proc files owned
 * by root, and fork has handed that on: it ends here, a moment before execve would end it. No other process exists to use it.
 */
static void offer_to_oom_killer(void) {
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    /* Without /proc the job still runs; init is the smaller of the two anyway. */
    if (write(file, "1000", 4) < 0) return;
    close(file);
}

static bool limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard) {
    struct rlimit both = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit(resource, &both) == 0;
}

static bool set_limits(const struct exec_request *request) {
    /* With a pipe in core_pattern the kernel runs the host's handler even at 0; 1 is the value at which it does not. */
    if (!limit(RLIMIT_CORE, 1, 1) && !limit(RLIMIT_CORE, 0, 0)) return false;
    /* One second between SIGXCPU, which says why, and SIGKILL. */
    rlim_t cpu = request->cpu_seconds;
    return limit(RLIMIT_CPU, cpu, cpu == RLIM_INFINITY ? cpu : cpu + 1) &&
           limit(RLIMIT_FSIZE, request->file_size_bytes, request->file_size_bytes) &&
           limit(RLIMIT_NOFILE, request->open_files, request->open_files);
}

static const char *path_variable(char *const env[]) {
    for (; *env != NULL; env++) {
        if (strncmp(*env, "PATH=", 5) == 0) return *env + 5;
    }
    return "/usr/local/bin:/usr/bin:/bin";
}

/* Returns only on failure, with the error that says most. Unlike execvp, hands nothing to a shell. */
static int execute(const struct exec_request *request) {
    const char *name = request->argv[0];
    if (*name == '\0') return ENOENT;
    if (strchr(name, '/') != NULL) {
        execve(name, request->argv, request->env);
        return errno;
    }
    int error = ENOENT;
    size_t name_length = strlen(name);
    for (const char *at = path_variable(request->env); at != NULL;) {
        const char *colon = strchr(at, ':');
        size_t length = colon == NULL ? strlen(at) : (size_t)(colon - at);
        char file[4096];
        if (length + 1 + name_length + 1 <= sizeof file) {
            memcpy(file, at, length);
            size_t end = length;
            /* An empty entry means the current directory. */
            if (length > 0) file[end++] = '/';
            memcpy(file + end, name, name_length + 1);
            execve(file, request->argv, request->env);
            if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) return errno;
            if (errno == EACCES) error = EACCES;
        }
        at = colon == NULL ? NULL : colon + 1;
    }
    return error;
}

void child_execute(const struct exec_request *request, const struct child_files *files) {
    if (!take_files(files)) give_up(files->report, STAGE_FILES, errno);
    setsid();
    reset_signals();
    umask(022);
    if (!enter(files->workspace, request->cwd)) give_up(files->report, STAGE_DIRECTORY, errno);
    offer_to_oom_killer();
    if (!set_limits(request)) give_up(files->report, STAGE_LIMITS, errno);
    give_up(files->report, STAGE_PROGRAM, execute(request));
}
