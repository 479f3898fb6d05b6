/* One file on its way to the worker. */
#ifndef FUMEHOOD_ARTIFACT_H
#define FUMEHOOD_ARTIFACT_H

#include <stdbool.h>
#include <sys/stat.h>

#include "payload.h"
#include "protocol.h"

struct artifact {
    int directory;
    const char *name;
    struct text path;
    struct stat found;
};

/* Whether this is a regular file with one link, or why not. Opens nothing: opening a FIFO or a device can wait, or do things. */
bool artifact_inspect(struct artifact *artifact, enum skip_reason *reason);
/* Opens what was inspected and announces it, or says why not. */
bool artifact_begin(const struct artifact *artifact, enum skip_reason *reason);
/* Sends one frame of the open file; needs room. */
void artifact_advance(void);
bool artifact_is_open(void);
/* Whether the file that was sent last turned out shorter than announced, and was filled with zero bytes. */
bool artifact_has_changed(void);

#endif
