#include "failure.h"

#include <string.h>

#include "outbox.h"
#include "reaper.h"

enum { MESSAGE_MAX = 400, DETAIL_MAX = 200 };

static bool failed;

static size_t append(char message[], size_t at, const char *bytes, size_t length) {
    if (length > MESSAGE_MAX - at) length = MESSAGE_MAX - at;
    memcpy(message + at, bytes, length);
    return at + length;
}

void fail(enum error_code code, const char *what, struct text detail, int error) {
    if (failed) return;
    failed = true;
    reaper_kill_all();

    uint8_t payload[2 + 4 + MESSAGE_MAX];
    char *message = (char *)payload + 6;
    size_t length = append(message, 0, what, strlen(what));
    if (detail.length > 0) {
        length = append(message, length, ": ", 2);
        length = append(message, length, detail.bytes, detail.length < DETAIL_MAX ? detail.length : DETAIL_MAX);
    }
    if (error != 0) {
        /* Not strerror: translation would bring a third of glibc along. */
        const char *meaning = strerrordesc_np(error);
        length = append(message, length, ": ", 2);
        length = append(message, length, meaning == NULL ? "unknown error" : meaning,
                        meaning == NULL ? 13 : strlen(meaning));
    }
    uint8_t *at = put_integer(payload, code, 2);
    put_integer(at, length, 4);
    outbox_frame(INIT_ERROR, payload, 6 + length);
    outbox_seal();
}

void fail_protocol(const char *what) { fail(ERROR_PROTOCOL, what, (struct text){0}, 0); }

bool has_failed(void) { return failed; }
