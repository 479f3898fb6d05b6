#include "glob.h"

#include <string.h>

#include "utf8.h"

/* Takes the first part off `rest`. */
static struct text take_part(struct text *rest) {
    const char *slash = memchr(rest->bytes, '/', rest->length);
    size_t length = slash == NULL ? rest->length : (size_t)(slash - rest->bytes);
    struct text part = {.bytes = rest->bytes, .length = length};
    size_t taken = slash == NULL ? length : length + 1;
    rest->bytes += taken;
    rest->length -= taken;
    return part;
}

static bool spans_parts(struct text part) { return part.length == 2 && part.bytes[0] == '*' && part.bytes[1] == '*'; }

/* On a mismatch only the last `*` needs to take one character more: what an earlier one could take, it can take too. */
static bool part_matches(struct text pattern, struct text name) {
    size_t p = 0, n = 0, after_star = 0, star_end = 0;
    bool star = false;
    while (n < name.length) {
        char c = p < pattern.length ? pattern.bytes[p] : '\0';
        if (p < pattern.length && c == '*') {
            after_star = ++p;
            star_end = n;
            star = true;
        } else if (p < pattern.length && c == '?') {
            p++;
            n += utf8_length(name.bytes + n, name.length - n);
        } else if (p < pattern.length && c == name.bytes[n]) {
            p++;
            n++;
        } else if (star) {
            star_end += utf8_length(name.bytes + star_end, name.length - star_end);
            p = after_star;
            n = star_end;
        } else {
            return false;
        }
    }
    while (p < pattern.length && pattern.bytes[p] == '*') p++;
    return p == pattern.length;
}

/* The same over parts, with `**` for `*`. */
bool glob_matches(struct text pattern, struct text path) {
    struct text after_span = {0}, span_end = {0};
    bool span = false;
    while (path.length > 0) {
        struct text rest = pattern, path_rest = path;
        struct text part = take_part(&rest);
        struct text name = take_part(&path_rest);
        if (spans_parts(part)) {
            if (rest.length == 0) return true;
            after_span = pattern = rest;
            span_end = path;
            span = true;
        } else if (pattern.length > 0 && part_matches(part, name)) {
            pattern = rest;
            path = path_rest;
        } else if (span) {
            take_part(&span_end);
            pattern = after_span;
            path = span_end;
        } else {
            return false;
        }
    }
    return pattern.length == 0;
}

bool glob_reaches_below(struct text pattern, struct text directory) {
    while (pattern.length > 0) {
        struct text part = take_part(&pattern);
        if (spans_parts(part) || directory.length == 0) return true;
        if (!part_matches(part, take_part(&directory))) return false;
    }
    return false;
}

bool glob_names_one(struct text pattern) {
    const char *slash = memrchr(pattern.bytes, '/', pattern.length);
    const char *last = slash == NULL ? pattern.bytes : slash + 1;
    size_t length = pattern.length - (size_t)(last - pattern.bytes);
    return memchr(last, '*', length) == NULL && memchr(last, '?', length) == NULL;
}
