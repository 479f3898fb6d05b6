#include "job-input.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "outbox.h"
#include "protocol.h"

/* Credit is given back in portions, so that a command that reads little by little causes few frames. */
enum { CREDIT_PORTION_BYTES = STDIN_WINDOW_BYTES / 4 };

/* credit + waiting + consumed is never more than the window, so the ring can't overflow. */
static uint8_t ring[STDIN_WINDOW_BYTES];
static size_t first;
static size_t waiting;
static size_t credit;
static size_t consumed;
static bool ended;
static int pipe_end = -1;

void input_begin(int pipe) {
    first = waiting = credit = consumed = 0;
    ended = false;
    pipe_end = pipe;
}

static void give_credit(size_t bytes) {
    uint8_t payload[4];
    put_integer(payload, bytes, 4);
    outbox_frame(INIT_STDIN_CREDIT, payload, sizeof payload);
    credit += bytes;
}

void input_allow(void) { give_credit(STDIN_WINDOW_BYTES); }

void input_close(void) {
    if (pipe_end < 0) return;
    close(pipe_end);
    pipe_end = -1;
    waiting = 0;
}

/* Two pieces where the bytes pass the ring's end. */
static void span(size_t start, size_t length, struct iovec pieces[2]) {
    size_t until_end = sizeof ring - start;
    size_t here = length < until_end ? length : until_end;
    pieces[0] = (struct iovec){.iov_base = ring + start, .iov_len = here};
    pieces[1] = (struct iovec){.iov_base = ring, .iov_len = length - here};
}

static void flush(void) {
    while (pipe_end >= 0 && waiting > 0) {
        struct iovec pieces[2];
        span(first, waiting, pieces);
        ssize_t written = writev(pipe_end, pieces, 2);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) break;
        if (written < 0) {
            input_close();
            return;
        }
        first = (first + (size_t)written) % sizeof ring;
        waiting -= (size_t)written;
        consumed += (size_t)written;
    }
    if (waiting == 0) first = 0;
    if (ended && waiting == 0) input_close();
    if (ended || consumed < CREDIT_PORTION_BYTES) return;
    give_credit(consumed);
    consumed = 0;
}

bool input_take(const struct payload *payload) {
    if (ended || payload->left > credit) return false;
    credit -= payload->left;
    /* The command has closed its stdin, or has ended: the bytes are dropped, and no credit comes back for them. */
    if (pipe_end < 0 || payload->left == 0) return true;
    struct iovec pieces[2];
    span((first + waiting) % sizeof ring, payload->left, pieces);
    memcpy(pieces[0].iov_base, payload->at, pieces[0].iov_len);
    memcpy(pieces[1].iov_base, payload->at + pieces[0].iov_len, pieces[1].iov_len);
    waiting += payload->left;
    flush();
    return true;
}

bool input_end(void) {
    if (ended) return false;
    ended = true;
    flush();
    return true;
}

/* A pipe without a reader reports POLLERR, asked or not. */
void input_watch(struct pollfd *slot) {
    slot->fd = pipe_end;
    slot->events = waiting > 0 ? POLLOUT : 0;
}

void input_ready(const struct pollfd *slot) {
    if (slot->revents & (POLLERR | POLLHUP | POLLNVAL)) {
        input_close();
    } else if (slot->revents & POLLOUT) {
        flush();
    }
}
