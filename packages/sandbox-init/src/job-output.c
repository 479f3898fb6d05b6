#include "job-output.h"

#include <errno.h>
#include <unistd.h>

#include "outbox.h"

static const enum init_frame types[OUTPUTS] = {INIT_STDOUT, INIT_STDERR};
static int pipes[OUTPUTS] = {-1, -1};

void output_begin(int output, int error_output) {
    pipes[0] = output;
    pipes[1] = error_output;
}

static void read_once(int which, bool empty_is_end) {
    ssize_t got = outbox_frame_from(types[which], pipes[which], FRAME_PAYLOAD_MAX);
    if (got > 0) return;
    if (got < 0 && errno == EINTR) return;
    if (got < 0 && errno == EAGAIN && !empty_is_end) return;
    close(pipes[which]);
    pipes[which] = -1;
}

bool output_drain(void) {
    for (int which = 0; which < OUTPUTS; which++) {
        while (pipes[which] >= 0 && outbox_has_room()) read_once(which, true);
    }
    return pipes[0] < 0 && pipes[1] < 0;
}

/* An unread pipe whose writers are gone would wake poll at once, so it isn't even named while there is no room. */
void output_watch(struct pollfd slots[OUTPUTS]) {
    for (int which = 0; which < OUTPUTS; which++) {
        slots[which].fd = outbox_has_room() ? pipes[which] : -1;
        slots[which].events = POLLIN;
    }
}

void output_ready(const struct pollfd slots[OUTPUTS]) {
    for (int which = 0; which < OUTPUTS; which++) {
        if (slots[which].revents != 0 && pipes[which] >= 0 && outbox_has_room()) read_once(which, false);
    }
}
