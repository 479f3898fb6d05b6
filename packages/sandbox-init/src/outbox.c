#include "outbox.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "payload.h"

/* Room for the largest bulk frame that can begin just below the mark, and for small frames after it. */
enum {
    SMALL_FRAMES_BYTES = 8192,
    RING_BYTES = OUTPUT_WAITING_MAX + FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX + SMALL_FRAMES_BYTES,
};

static uint8_t ring[RING_BYTES];
static size_t first;
static size_t waiting;
static bool sealed;

bool outbox_has_room(void) { return waiting < OUTPUT_WAITING_MAX; }

bool outbox_is_empty(void) { return waiting == 0; }

void outbox_make_resident(void) {
    volatile uint8_t *byte = ring;
    for (size_t at = 0; at < RING_BYTES; at += 4096) byte[at] = byte[at];
    byte[RING_BYTES - 1] = byte[RING_BYTES - 1];
}

void outbox_seal(void) { sealed = true; }

/* The `length` bytes that are `offset` bytes after the first waiting one: in two pieces where they pass the ring's end. */
static void span(size_t offset, size_t length, struct iovec pieces[2]) {
    size_t start = (first + offset) % RING_BYTES;
    size_t until_end = RING_BYTES - start;
    size_t here = length < until_end ? length : until_end;
    pieces[0] = (struct iovec){.iov_base = ring + start, .iov_len = here};
    pieces[1] = (struct iovec){.iov_base = ring, .iov_len = length - here};
}

static void store(size_t offset, const uint8_t *bytes, size_t length) {
    struct iovec pieces[2];
    span(offset, length, pieces);
    memcpy(pieces[0].iov_base, bytes, pieces[0].iov_len);
    memcpy(pieces[1].iov_base, bytes + pieces[0].iov_len, pieces[1].iov_len);
}

static void store_header(enum init_frame type, size_t length) {
    uint8_t header[FRAME_HEADER_BYTES] = {(uint8_t)type};
    put_integer(header + 4, length, 4);
    store(waiting, header, sizeof header);
}

void outbox_frame(enum init_frame type, const void *payload, size_t length) {
    if (sealed) return;
    if (RING_BYTES - waiting < FRAME_HEADER_BYTES + length) __builtin_trap();
    store_header(type, length);
    if (length > 0) store(waiting + FRAME_HEADER_BYTES, payload, length);
    waiting += FRAME_HEADER_BYTES + length;
}

ssize_t outbox_frame_from(enum init_frame type, int fd, size_t most) {
    if (sealed) {
        errno = EAGAIN;
        return -1;
    }
    struct iovec pieces[2];
    span(waiting + FRAME_HEADER_BYTES, most < FRAME_PAYLOAD_MAX ? most : FRAME_PAYLOAD_MAX, pieces);
    ssize_t got = readv(fd, pieces, 2);
    if (got <= 0) return got;
    store_header(type, (size_t)got);
    waiting += FRAME_HEADER_BYTES + (size_t)got;
    return got;
}

bool outbox_flush(int fd) {
    while (waiting > 0) {
        struct iovec pieces[2];
        span(0, waiting, pieces);
        ssize_t sent = writev(fd, pieces, 2);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EAGAIN;
        first = (first + (size_t)sent) % RING_BYTES;
        waiting -= (size_t)sent;
    }
    /* Starting over keeps the resident part of the ring as small as what really waits. */
    first = 0;
    return true;
}
