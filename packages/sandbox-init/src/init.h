#ifndef FUMEHOOD_INIT_H
#define FUMEHOOD_INIT_H

enum init_exit {
    /* The worker is gone. */
    INIT_WORKER_GONE = 0,
    /* ERROR was said. */
    INIT_FAILED = 1,
    /* Not where init may run. */
    INIT_REFUSED = 2,
};

/*
 * Serves the worker on descriptors 0 and 1 until it is gone. When this process, PID 1, then exits, the kernel kills
 * every other one in its PID namespace and waits for their end.
 */
enum init_exit init_serve(void);

#endif
