#ifndef FUMEHOOD_PROGRESS_H
#define FUMEHOOD_PROGRESS_H

/* What is left to do without waiting for anybody. */
enum progress {
    PROGRESS_NONE,
    /* More, as soon as the outbox has room. */
    PROGRESS_NEEDS_ROOM,
    PROGRESS_NOW,
};

#endif
