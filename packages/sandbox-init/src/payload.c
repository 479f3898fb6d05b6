#include "payload.h"

uint64_t payload_integer(struct payload *payload, size_t bytes) {
    if (payload->bad || payload->left < bytes) {
        payload->bad = true;
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) value = value << 8 | payload->at[i];
    payload->at += bytes;
    payload->left -= bytes;
    return value;
}

struct text payload_string(struct payload *payload) {
    size_t length = payload_integer(payload, 4);
    if (payload->bad || payload->left < length) {
        payload->bad = true;
        return (struct text){.bytes = (char *)payload->at, .length = 0};
    }
    struct text text = {.bytes = (char *)payload->at, .length = length};
    payload->at += length;
    payload->left -= length;
    return text;
}

bool payload_complete(const struct payload *payload) { return !payload->bad && payload->left == 0; }

uint8_t *put_integer(uint8_t *at, uint64_t value, size_t bytes) {
    for (size_t i = bytes; i > 0; i--) {
        at[i - 1] = (uint8_t)value;
        value >>= 8;
    }
    return at + bytes;
}
