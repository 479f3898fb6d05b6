#ifndef FUMEHOOD_UTF8_H
#define FUMEHOOD_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether these bytes are valid UTF-8 without control characters (C0, DEL, C1), line and paragraph separators,
 * bidirectional overrides and isolates, and the replacement character: a name that no terminal or log misreads.
 */
bool utf8_is_printable(const char *bytes, size_t length);

/* Length in bytes of the character at `bytes`; 1 where there is no whole character. `left` is at least 1. */
size_t utf8_length(const char *bytes, size_t left);

#endif
