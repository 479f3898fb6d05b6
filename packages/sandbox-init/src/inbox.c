#include "inbox.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "protocol.h"

static uint8_t buffer[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];
static size_t filled;

enum inbox_result inbox_read(int fd, void (*handle)(struct frame *frame)) {
    ssize_t got = read(fd, buffer + filled, sizeof buffer - filled);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? INBOX_OPEN : INBOX_END;
    if (got == 0) return INBOX_END;
    filled += (size_t)got;

    size_t done = 0;
    while (filled - done >= FRAME_HEADER_BYTES) {
        struct payload header = {.at = buffer + done, .left = FRAME_HEADER_BYTES};
        struct frame frame = {.type = (uint8_t)payload_integer(&header, 1)};
        frame.flags = (uint8_t)payload_integer(&header, 1);
        frame.channel = (uint16_t)payload_integer(&header, 2);
        size_t length = payload_integer(&header, 4);
        if (length > FRAME_PAYLOAD_MAX) {
            filled = 0;
            return INBOX_TOO_LONG;
        }
        if (filled - done - FRAME_HEADER_BYTES < length) break;
        frame.payload = (struct payload){.at = buffer + done + FRAME_HEADER_BYTES, .left = length};
        handle(&frame);
        done += FRAME_HEADER_BYTES + length;
    }
    /* A frame never fills the buffer without being complete, so there is always room to read into. */
    filled -= done;
    memmove(buffer, buffer + done, filled);
    return INBOX_OPEN;
}
