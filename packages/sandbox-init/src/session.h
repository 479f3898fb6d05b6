/* The state of the conversation with the worker: what is legal when, and who does it. */
#ifndef FUMEHOOD_SESSION_H
#define FUMEHOOD_SESSION_H

#include "inbox.h"
#include "progress.h"

/* Says HELLO. */
void session_begin(void);
void session_frame(struct frame *frame);
/* Goes on as far as it can without waiting. */
enum progress session_advance(void);

#endif
