/* The end of processes: killing all of the job's, and reaping what ended. */
#ifndef FUMEHOOD_REAPER_H
#define FUMEHOOD_REAPER_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* How the command's main process ended. */
struct ending {
    bool seen;
    int status;
    struct rusage usage;
};

enum reaped {
    /* Every dead child; others live, and SIGCHLD comes when one ends. */
    REAPED_THE_DEAD,
    /* As many as are reaped at once; more may be waiting. */
    REAPED_SOME,
    /* The last child there was: no process of the job exists. */
    REAPED_LAST,
};

/* Kills every process in the PID namespace but init. Does nothing when init isn't PID 1 of one. */
void reaper_kill_all(void);

/* Reaps a bounded number of processes, so that a flood of them can't hold the loop. */
enum reaped reaper_reap(pid_t main_process, struct ending *ending);

#endif
