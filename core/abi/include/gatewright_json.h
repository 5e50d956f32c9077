/* gatewright_json.h: as much JSON (RFC 8259) as an authenticator needs.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading: gwj_read checks a whole text once, strictly; a gwj_value is then a part of that text, found by gwj_at. No
 * memory is taken, nothing is copied, nothing is read behind `len`. Whatever a value is, and also when it is not there,
 * every function here may be asked about it and says false or 0.
 *
 *     gwj_value root, code;
 *     char digits[9];
 *     if (!gwj_read(request, &root)) ...
 *     code = gwj_at(root, "answer.code");
 *     if (!gwj_text(code, digits, sizeof digits, NULL)) ...
 *
 * Writing: into a buffer of yours, never behind its end. Where it does not fit, or something is no UTF-8, the whole is
 * given up: gwj_written is then empty, never half a text.
 *
 *     gwj_out out = gwj_into(buffer, sizeof buffer);
 *     gwj_raw(&out, "{\"label\":");
 *     gwj_string(&out, label, strlen(label));
 *     gwj_raw(&out, "}");
 *     slice = gwj_written(&out);
 */
#ifndef GATEWRIGHT_JSON_H
#define GATEWRIGHT_JSON_H

#include "gatewright.h"

#include <stdbool.h>
#include <string.h>

/* Lists and objects inside each other, at most. The host sends none that are deeper. */
#define GWJ_MAX_DEPTH 128

/* A part of a checked text, without spaces around it. `ptr` null: it is not there. */
typedef struct gwj_value {
    const char *ptr;
    size_t len;
} gwj_value;

/* What is being read: for the functions of this file. */
typedef struct gwj_scan {
    const char *at;
    const char *end;
} gwj_scan;

static inline gwj_value gwj_absent(void) {
    gwj_value none;
    none.ptr = NULL;
    none.len = 0;
    return none;
}

/* ---- Checking ---------------------------------------------------------------------------------------------------- */

/* The next byte, or 0 at the end (a zero is nowhere allowed). */
static inline char gwj_peek(const gwj_scan *s) { return s->at < s->end ? *s->at : '\0'; }

static inline bool gwj_take(gwj_scan *s, char c) {
    if (gwj_peek(s) != c || s->at >= s->end) return false;
    s->at++;
    return true;
}

static inline void gwj_spaces(gwj_scan *s) {
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) s->at++;
}

static inline bool gwj_is_digit(char c) { return c >= '0' && c <= '9'; }

/* The value of a hexadecimal digit, or -1. */
static inline int gwj_hex(char c) {
    if (gwj_is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Four hexadecimal digits, or -1. */
static inline long gwj_unit(gwj_scan *s) {
    long unit = 0;
    int i;
    if (s->end - s->at < 4) return -1;
    for (i = 0; i < 4; i++) {
        int digit = gwj_hex(*s->at++);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* What stands behind a backslash, as a code point, or -1. Half a surrogate pair is a mistake. */
static inline long gwj_escape(gwj_scan *s) {
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *found;
    long high, low;
    char c = gwj_peek(s);
    if (c == '\0') return -1;
    s->at++;
    if (c != 'u') return (found = strchr(names, c)) != NULL ? (unsigned char)meanings[found - names] : -1;
    high = gwj_unit(s);
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high > 0xdbff || !gwj_take(s, '\\') || !gwj_take(s, 'u')) return -1;
    low = gwj_unit(s);
    return low < 0xdc00 || low > 0xdfff ? -1 : 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00);
}

/* One character of UTF-8 (RFC 3629: the shortest form, no surrogates, up to U+10FFFF), or -1. */
static inline long gwj_utf8(gwj_scan *s) {
    static const long least[] = {0, 0x80, 0x800, 0x10000};
    unsigned char lead;
    long point;
    int more, i;
    if (s->at >= s->end) return -1;
    lead = (unsigned char)*s->at++;
    if (lead < 0x80) return lead;
    more = lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
    if (more == 0 || s->end - s->at < more) return -1;
    point = lead & (0x3f >> more);
    for (i = 0; i < more; i++) {
        unsigned char next = (unsigned char)*s->at++;
        if ((next & 0xc0) != 0x80) return -1;
        point = point * 0x40 + (next & 0x3f);
    }
    return point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? -1 : point;
}

/* The next character of a string, escapes resolved; -1 for a mistake, -2 at the closing quote. */
static inline long gwj_char(gwj_scan *s) {
    char c = gwj_peek(s);
    if (s->at >= s->end || (unsigned char)c < 0x20) return -1;
    if (gwj_take(s, '"')) return -2;
    return gwj_take(s, '\\') ? gwj_escape(s) : gwj_utf8(s);
}

static inline bool gwj_skip_string(gwj_scan *s) {
    long c;
    if (!gwj_take(s, '"')) return false;
    do c = gwj_char(s);
    while (c >= 0);
    return c == -2;
}

static inline bool gwj_skip_digits(gwj_scan *s) {
    if (!gwj_is_digit(gwj_peek(s))) return false;
    while (gwj_is_digit(gwj_peek(s))) s->at++;
    return true;
}

static inline bool gwj_skip_number(gwj_scan *s) {
    (void)gwj_take(s, '-');
    if (!gwj_take(s, '0') && !gwj_skip_digits(s)) return false;
    if (gwj_take(s, '.') && !gwj_skip_digits(s)) return false;
    if (gwj_take(s, 'e') || gwj_take(s, 'E')) {
        if (!gwj_take(s, '+')) (void)gwj_take(s, '-');
        return gwj_skip_digits(s);
    }
    return true;
}

static inline bool gwj_skip_word(gwj_scan *s, const char *word) {
    size_t len = strlen(word);
    if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0) return false;
    s->at += len;
    return true;
}

static inline bool gwj_skip_scalar(gwj_scan *s) {
    switch (gwj_peek(s)) {
    case '"': return gwj_skip_string(s);
    case 't': return gwj_skip_word(s, "true");
    case 'f': return gwj_skip_word(s, "false");
    case 'n': return gwj_skip_word(s, "null");
    default: return gwj_skip_number(s);
    }
}

/* The name of a member and the colon behind it. */
static inline bool gwj_skip_name(gwj_scan *s) {
    gwj_spaces(s);
    if (!gwj_skip_string(s)) return false;
    gwj_spaces(s);
    return gwj_take(s, ':');
}

/* One value of any sort. Keeps the brackets that are open in a list of its own: no recursion, whatever is sent. */
static inline bool gwj_skip_value(gwj_scan *s) {
    char open[GWJ_MAX_DEPTH];
    size_t depth = 0;
    do {
        char c;
        gwj_spaces(s);
        c = gwj_peek(s);
        if (c == '{' || c == '[') {
            if (depth == GWJ_MAX_DEPTH) return false;
            open[depth++] = c == '{' ? '}' : ']';
            s->at++;
            gwj_spaces(s);
            if (gwj_peek(s) != open[depth - 1]) {
                if (c == '{' && !gwj_skip_name(s)) return false;
                continue;
            }
        } else if (!gwj_skip_scalar(s)) {
            return false;
        }
        /* A value is over, and perhaps what it stands in. */
        for (;;) {
            if (depth == 0) return true;
            gwj_spaces(s);
            if (gwj_take(s, open[depth - 1])) {
                depth--;
                continue;
            }
            if (!gwj_take(s, ',')) return false;
            if (open[depth - 1] == '}' && !gwj_skip_name(s)) return false;
            break;
        }
    } while (depth > 0);
    return true;
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

/* Checks that the whole text is one JSON value, and gives it. False: it is not, and `root` is not there. */
static inline bool gwj_read(gatewright_slice text, gwj_value *root) {
    gwj_scan s;
    *root = gwj_absent();
    if (text.ptr == NULL || text.len == 0) return false;
    s.at = (const char *)text.ptr;
    s.end = s.at + text.len;
    gwj_spaces(&s);
    root->ptr = s.at;
    if (gwj_skip_value(&s)) {
        root->len = (size_t)(s.at - root->ptr);
        gwj_spaces(&s);
        if (s.at == s.end) return true;
    }
    *root = gwj_absent();
    return false;
}

/* '{' object, '[' list, '"' string, '0' number, 't' true, 'f' false, 'n' null, 0 not there. */
static inline char gwj_kind(gwj_value v) {
    char c = v.ptr != NULL && v.len > 0 ? v.ptr[0] : '\0';
    return c == '-' || gwj_is_digit(c) ? '0' : c;
}

/* Not there, or null: the two mean the same here. */
static inline bool gwj_is_null(gwj_value v) { return gwj_kind(v) == 'n' || gwj_kind(v) == '\0'; }

static inline gwj_scan gwj_inside(gwj_value v) {
    gwj_scan s;
    s.at = v.ptr;
    s.end = v.ptr == NULL ? NULL : v.ptr + v.len;
    return s;
}

/* The next item of a list, or member of an object with its name (which may be null). `at` is 0 at first:
 *     size_t at = 0; gwj_value item;
 *     while (gwj_next(list, &at, NULL, &item)) ... */
static inline bool gwj_next(gwj_value v, size_t *at, gwj_value *name, gwj_value *item) {
    gwj_scan s = gwj_inside(v);
    char kind = gwj_kind(v);
    *item = gwj_absent();
    if (name != NULL) *name = gwj_absent();
    if ((kind != '{' && kind != '[') || *at >= v.len) return false;
    /* Behind the bracket or comma; what stands here has been checked. */
    s.at += *at == 0 ? 1 : *at;
    gwj_spaces(&s);
    if (gwj_peek(&s) == ']' || gwj_peek(&s) == '}') return false;
    if (kind == '{') {
        const char *begin = s.at;
        if (!gwj_skip_string(&s)) return false;
        if (name != NULL) {
            name->ptr = begin;
            name->len = (size_t)(s.at - begin);
        }
        gwj_spaces(&s);
        if (!gwj_take(&s, ':')) return false;
        gwj_spaces(&s);
    }
    item->ptr = s.at;
    if (!gwj_skip_value(&s)) {
        *item = gwj_absent();
        return false;
    }
    item->len = (size_t)(s.at - item->ptr);
    gwj_spaces(&s);
    if (gwj_take(&s, ',')) *at = (size_t)(s.at - v.ptr);
    else *at = v.len;
    return true;
}

/* How many items or members. */
static inline size_t gwj_count(gwj_value v) {
    size_t at = 0, count = 0;
    gwj_value item;
    while (gwj_next(v, &at, NULL, &item)) count++;
    return count;
}

/* Whether it is the string of these bytes. */
static inline bool gwj_is(gwj_value v, const char *ptr, size_t len) {
    gwj_scan s = gwj_inside(v), expected;
    long c;
    if (gwj_kind(v) != '"') return false;
    s.at++;
    expected.at = ptr;
    expected.end = ptr + len;
    while ((c = gwj_char(&s)) >= 0)
        if (expected.at == expected.end || gwj_utf8(&expected) != c) return false;
    return c == -2 && expected.at == expected.end;
}

/* The value at a path of names and numbers with dots between: "credentials.0.doc.codes". Names with dots can't be
 * asked for. Of two members with one name it is the last, as the host has it. */
static inline gwj_value gwj_at(gwj_value v, const char *path) {
    while (*path != '\0') {
        size_t len = strcspn(path, "."), at = 0, index = 0, i;
        gwj_value name, item, found = gwj_absent();
        char kind = gwj_kind(v);
        for (i = 0; i < len; i++) {
            if (!gwj_is_digit(path[i]) || i > 8) break;
            index = index * 10 + (size_t)(path[i] - '0');
        }
        if (kind == '[' && (i < len || len == 0)) return gwj_absent();
        while (gwj_next(v, &at, &name, &item)) {
            if (kind == '{' ? gwj_is(name, path, len) : index-- == 0) {
                found = item;
                if (kind == '[') break;
            }
        }
        v = found;
        path += len;
        if (*path == '.') path++;
    }
    return v;
}

/* Bytes of UTF-8 of a code point into `to`; how many. */
static inline size_t gwj_put_utf8(char to[4], long c) {
    if (c < 0x80) return (void)(to[0] = (char)c), (size_t)1;
    if (c < 0x800) {
        to[0] = (char)(0xc0 | (c >> 6));
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | (c >> 12));
        to[1] = (char)(0x80 | ((c >> 6) & 0x3f));
        to[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | (c >> 18));
    to[1] = (char)(0x80 | ((c >> 12) & 0x3f));
    to[2] = (char)(0x80 | ((c >> 6) & 0x3f));
    to[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* A string with its escapes resolved, ended by a zero. False when it is no string or does not fit with its zero; the
 * buffer then holds an empty one. Where `len` is null also when there is a zero in it, which would hide the rest. */
static inline bool gwj_text(gwj_value v, char *buffer, size_t size, size_t *len) {
    gwj_scan s = gwj_inside(v);
    size_t used = 0;
    long c;
    if (size == 0) return false;
    buffer[0] = '\0';
    if (gwj_kind(v) != '"') return false;
    s.at++;
    while ((c = gwj_char(&s)) >= 0) {
        char bytes[4];
        size_t more = gwj_put_utf8(bytes, c);
        if (more >= size - used || (c == 0 && len == NULL)) {
            buffer[0] = '\0';
            return false;
        }
        memcpy(buffer + used, bytes, more);
        used += more;
    }
    buffer[c == -2 ? used : 0] = '\0';
    if (len != NULL) *len = used;
    return c == -2;
}

/* A whole number without fraction and exponent. False when it is none or does not fit; `number` is then 0. Where a
 * fraction is meant, its text is at v.ptr. */
static inline bool gwj_int(gwj_value v, int64_t *number) {
    size_t i = gwj_kind(v) == '0' && v.ptr[0] == '-' ? 1 : 0;
    bool minus = i == 1;
    int64_t sum = 0;
    *number = 0;
    if (gwj_kind(v) != '0') return false;
    for (; i < v.len; i++) {
        int digit = v.ptr[i] - '0';
        if (!gwj_is_digit(v.ptr[i])) return false;
        /* Downwards, since there is one more below zero than above. */
        if (sum < (INT64_MIN + digit) / 10) return false;
        sum = sum * 10 - digit;
    }
    if (!minus && sum == INT64_MIN) return false;
    *number = minus ? sum : -sum;
    return true;
}

/* True or false. False when it is neither; `answer` is then false. */
static inline bool gwj_bool(gwj_value v, bool *answer) {
    *answer = gwj_kind(v) == 't';
    return gwj_kind(v) == 't' || gwj_kind(v) == 'f';
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* What is being written. */
typedef struct gwj_out {
    char *buffer;
    size_t size;
    size_t len;
    bool bad;
} gwj_out;

static inline gwj_out gwj_into(char *buffer, size_t size) {
    gwj_out out;
    out.buffer = buffer;
    out.size = size;
    out.len = 0;
    out.bad = false;
    return out;
}

static inline void gwj_put(gwj_out *out, const char *ptr, size_t len) {
    if (out->bad || len > out->size - out->len) {
        out->bad = true;
        return;
    }
    if (len > 0) memcpy(out->buffer + out->len, ptr, len);
    out->len += len;
}

/* A piece of JSON as it stands: for literals, never for what somebody sent. */
static inline void gwj_raw(gwj_out *out, const char *json) { gwj_put(out, json, strlen(json)); }

/* A value that was read, as it stands; null where it is not there. */
static inline void gwj_copy(gwj_out *out, gwj_value v) {
    if (v.ptr == NULL) gwj_raw(out, "null");
    else gwj_put(out, v.ptr, v.len);
}

/* A string, quoted and escaped. */
static inline void gwj_string(gwj_out *out, const char *ptr, size_t len) {
    static const char digits[] = "0123456789abcdef";
    gwj_scan s;
    s.at = ptr;
    s.end = ptr + len;
    gwj_put(out, "\"", 1);
    while (s.at < s.end) {
        const char *begin = s.at;
        long c = gwj_utf8(&s);
        if (c < 0) {
            out->bad = true;
            return;
        }
        if (c == '"' || c == '\\') gwj_put(out, "\\", 1);
        if (c < 0x20) {
            char escaped[6] = {'\\', 'u', '0', '0', '0', '0'};
            escaped[4] = digits[c >> 4];
            escaped[5] = digits[c & 15];
            gwj_put(out, escaped, sizeof escaped);
        } else {
            gwj_put(out, begin, (size_t)(s.at - begin));
        }
    }
    gwj_put(out, "\"", 1);
}

/* A whole number. */
static inline void gwj_number(gwj_out *out, int64_t number) {
    char text[20];
    size_t at = sizeof text;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do text[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0) text[--at] = '-';
    gwj_put(out, text + at, sizeof text - at);
}

/* What has been written; empty where it did not fit or something in it was no UTF-8. */
static inline gatewright_slice gwj_written(const gwj_out *out) {
    return gatewright_bytes(out->buffer, out->bad ? 0 : out->len);
}

#endif
