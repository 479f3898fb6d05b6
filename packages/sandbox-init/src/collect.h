/* COLLECT: walks the workspace when no process of the job is left, and sends the files that match. */
#ifndef FUMEHOOD_COLLECT_H
#define FUMEHOOD_COLLECT_H

#include "payload.h"
#include "progress.h"

void collect_begin(int workspace, struct payload *payload);
/* Goes on for a bounded time, while the outbox has room. COLLECTED was said when nothing is left to do. */
enum progress collect_advance(void);

#endif
