/* Reading and writing the fields of a payload: big-endian integers, strings with a length before them. */
#ifndef FUMEHOOD_PAYLOAD_H
#define FUMEHOOD_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes;
    size_t length;
};

/* A payload being read. Past its end every field is 0 or empty, and `bad` is set. */
struct payload {
    uint8_t *at;
    size_t left;
    bool bad;
};

uint64_t payload_integer(struct payload *payload, size_t bytes);
struct text payload_string(struct payload *payload);
/* Whether all of the payload was read and nothing was missing. */
bool payload_complete(const struct payload *payload);

/* Writes the low `bytes` bytes of `value` and returns the place after them. */
uint8_t *put_integer(uint8_t *at, uint64_t value, size_t bytes);

#endif
