/* ERROR: the last thing that init says. */
#ifndef FUMEHOOD_FAILURE_H
#define FUMEHOOD_FAILURE_H

#include <stdbool.h>

#include "payload.h"
#include "protocol.h"

/*
 * Kills the job and queues ERROR; the loop sends what waits and ends. Only the first failure counts. The message is
 * `what`, then `detail` when there is one, then what `error` means when it is not 0.
 */
void fail(enum error_code code, const char *what, struct text detail, int error);
void fail_protocol(const char *what);
bool has_failed(void);

#endif
