#include "utf8.h"

#include <stdint.h>

/* Decodes one character, or returns 0. Refuses overlong forms, surrogates and what is above U+10FFFF. */
static size_t decode(const uint8_t *bytes, size_t left, uint32_t *character) {
    uint8_t first = bytes[0];
    if (first < 0x80) {
        *character = first;
        return 1;
    }
    if (first < 0xc2 || first > 0xf4) return 0;
    size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (left < length) return 0;
    uint32_t value = first & (0xff >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return 0;
        value = value << 6 | (bytes[i] & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return 0;
    *character = value;
    return length;
}

static bool is_printable(uint32_t c) {
    if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) return false;
    if (c == 0x2028 || c == 0x2029 || c == 0xfffd) return false;
    return !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

bool utf8_is_printable(const char *bytes, size_t length) {
    for (size_t i = 0; i < length;) {
        uint32_t character = 0;
        size_t step = decode((const uint8_t *)bytes + i, length - i, &character);
        if (step == 0 || !is_printable(character)) return false;
        i += step;
    }
    return true;
}

size_t utf8_length(const char *bytes, size_t left) {
    uint32_t character = 0;
    size_t length = decode((const uint8_t *)bytes, left, &character);
    return length == 0 ? 1 : length;
}
