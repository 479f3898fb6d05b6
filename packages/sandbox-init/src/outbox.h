/*
 * Frames waiting to be sent to the worker: one fixed ring. Bulk frames are added only while `outbox_has_room`; what is
 * left above that mark always fits the few small frames that may come at any time.
 */
#ifndef FUMEHOOD_OUTBOX_H
#define FUMEHOOD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "protocol.h"

bool outbox_has_room(void);
bool outbox_is_empty(void);

void outbox_frame(enum init_frame type, const void *payload, size_t length);
/* A frame of at most `most` bytes read from `fd`, if `read` gives any; returns what `read` returned. Needs room. */
ssize_t outbox_frame_from(enum init_frame type, int fd, size_t most);

/* Has the kernel put memory behind all of the ring, so that no later use of it needs any. */
void outbox_make_resident(void);
/* Nothing is added from now on: ERROR is the last frame. */
void outbox_seal(void);

/* Writes what can be written without blocking. False: the worker is gone. */
bool outbox_flush(int fd);

#endif
