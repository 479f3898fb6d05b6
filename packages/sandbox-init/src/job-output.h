/* The command's stdout and stderr: two pipes, read into frames while the worker keeps up. */
#ifndef FUMEHOOD_JOB_OUTPUT_H
#define FUMEHOOD_JOB_OUTPUT_H

#include <poll.h>
#include <stdbool.h>

enum { OUTPUTS = 2 };

/* Starts over with two non-blocking pipes from a new command. */
void output_begin(int output, int error_output);
/*
 * Sends what the pipes still hold; true when that was all. For when the job has no process left. An empty pipe is the end
 * then, also when it isn't at its end of file: its other end may be under way in a socket that nobody can read any more.
 */
bool output_drain(void);

void output_watch(struct pollfd slots[OUTPUTS]);
void output_ready(const struct pollfd slots[OUTPUTS]);

#endif
