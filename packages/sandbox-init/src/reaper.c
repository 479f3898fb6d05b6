#include "reaper.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REAPED_AT_ONCE = 256 };

void reaper_kill_all(void) {
    /*
     * In any other process this would end everything of the same user on the host. The kernel walks its list of
     * processes under a lock that fork also takes, and a fork with a fatal signal pending fails: no child slips through.
     */
    if (getpid() == 1) kill(-1, SIGKILL);
}

/*
 * ECHILD is proof that the job has no process left: each is a descendant of init, and an orphan's new parent is init (or
 * a subreaper of the job's, itself a descendant). __WALL: a child may have been made to announce its end by another signal.
 */
enum reaped reaper_reap(pid_t main_process, struct ending *ending) {
    for (int count = 0; count < REAPED_AT_ONCE; count++) {
        int status = 0;
        struct rusage usage;
        pid_t pid = wait4(-1, &status, WNOHANG | __WALL, &usage);
        if (pid == 0) return REAPED_THE_DEAD;
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) return REAPED_LAST;
        /* The main process keeps its pid until it is reaped here; afterwards the number means nothing. */
        if (pid != main_process || ending->seen) continue;
        *ending = (struct ending){.seen = true, .status = status, .usage = usage};
    }
    return REAPED_SOME;
}
