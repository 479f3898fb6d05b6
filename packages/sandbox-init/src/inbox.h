/* Frames from the worker, one at a time, out of one fixed buffer. */
#ifndef FUMEHOOD_INBOX_H
#define FUMEHOOD_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "payload.h"

struct frame {
    uint8_t type;
    uint8_t flags;
    uint16_t channel;
    /* What the handler reads, and may change. Gone when the handler returns. */
    struct payload payload;
};

enum inbox_result { INBOX_OPEN, INBOX_END, INBOX_TOO_LONG };

/* Reads once, without blocking, and hands over every frame that is complete then. */
enum inbox_result inbox_read(int fd, void (*handle)(struct frame *frame));

#endif
