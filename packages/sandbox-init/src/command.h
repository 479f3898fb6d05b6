/* One command, from fork to EXIT. */
#ifndef FUMEHOOD_COMMAND_H
#define FUMEHOOD_COMMAND_H

#include <poll.h>
#include <stdbool.h>

#include "exec-request.h"
#include "job-output.h"
#include "progress.h"

enum { COMMAND_SLOTS = 2 + OUTPUTS };

void command_start(const struct exec_request *request, int workspace);
/* Kills every process of the job. EXIT follows. */
void command_kill(void);
/* SIGCHLD came: there may be somebody to reap. */
void command_child_ended(void);
/* Goes on as far as it can without waiting. */
enum progress command_advance(void);
/* EXIT was said. */
bool command_is_over(void);

void command_watch(struct pollfd slots[COMMAND_SLOTS]);
void command_ready(const struct pollfd slots[COMMAND_SLOTS]);

#endif
