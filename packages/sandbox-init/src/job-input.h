/* The command's stdin: bytes from the worker, held until the command reads them. */
#ifndef FUMEHOOD_JOB_INPUT_H
#define FUMEHOOD_JOB_INPUT_H

#include <poll.h>
#include <stdbool.h>

#include "payload.h"

/* Starts over with a non-blocking pipe to a new command. */
void input_begin(int pipe);
/* The command has begun: lets the worker send. */
void input_allow(void);
/* False when this is against the protocol: past the credit, or after the end. */
bool input_take(const struct payload *payload);
bool input_end(void);
void input_close(void);

void input_watch(struct pollfd *slot);
void input_ready(const struct pollfd *slot);

#endif
