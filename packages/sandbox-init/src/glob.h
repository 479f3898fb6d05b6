/*
 * Patterns over paths in the workspace. In a part of a pattern `*` stands for any run of characters, also one that
 * begins with a dot, and `?` for one character; a part that is `**` stands for any number of parts, at the end of a
 * pattern for at least one. Everything else stands for itself. Time is at most the product of both lengths.
 */
#ifndef FUMEHOOD_GLOB_H
#define FUMEHOOD_GLOB_H

#include <stdbool.h>

#include "payload.h"

bool glob_matches(struct text pattern, struct text path);
/* Whether a path below this directory could match. The workspace itself is the empty path. */
bool glob_reaches_below(struct text pattern, struct text directory);
/* Whether the last part of the pattern is free of `*` and `?`: it names one thing. */
bool glob_names_one(struct text pattern);

#endif
