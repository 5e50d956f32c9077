/* Reads texts from standard input, each behind four bytes that say how long it is (little endian), and writes a line
 * for each: "-" where it is no JSON, or what gatewright_json.h understood of it, written anew. Every text lies in memory
 * of exactly its length, so that AddressSanitizer sees a byte too far. */
#include "gatewright_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static char scratch[1 << 16];

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    exit(1);
}

static void string_again(gwj_value v, gwj_out *out) {
    size_t len = 0;
    char small[4];
    must(gwj_text(v, scratch, sizeof scratch, &len), "a string is read");
    must(scratch[len] == '\0', "it ends with a zero");
    must(gwj_is(v, scratch, len), "a string is itself");
    must(!gwj_is(v, scratch, len + 1), "and nothing longer");
    must(gwj_text(v, small, sizeof small, &len) == (strlen(small) < 4 && len < 4 && len > 0) || len == 0 || len >= 4,
         "what does not fit is not there");
    must(gwj_text(v, scratch, sizeof scratch, &len), "again");
    must(gwj_text(v, scratch, sizeof scratch, NULL) == (memchr(scratch, 0, len) == NULL), "a zero inside is seen");
    must(gwj_text(v, scratch, sizeof scratch, &len), "and again");
    gwj_string(out, scratch, len);
}

static void again(gwj_value v, gwj_out *out) {
    gwj_value name, item;
    size_t at = 0, count = 0;
    int64_t number;
    bool answer;
    char kind = gwj_kind(v);
    must(gwj_bool(v, &answer) == (kind == 't' || kind == 'f'), "a bool");
    if (kind == '{' || kind == '[') {
        gwj_raw(out, kind == '{' ? "{" : "[");
        while (gwj_next(v, &at, &name, &item)) {
            if (count++ > 0) gwj_raw(out, ",");
            if (kind == '{') {
                string_again(name, out);
                gwj_raw(out, ":");
            } else {
                char index[24];
                snprintf(index, sizeof index, "%zu", count - 1);
                if (count < 20) must(gwj_at(v, index).ptr == item.ptr, "an item is where it is");
            }
            again(item, out);
        }
        must(gwj_count(v) == count, "the count");
        gwj_raw(out, kind == '{' ? "}" : "]");
    } else if (kind == '"') {
        string_again(v, out);
    } else if (gwj_int(v, &number) && (number != 0 || v.ptr[0] != '-')) {
        gwj_number(out, number);
    } else {
        gwj_copy(out, v);
    }
}

static void one(const char *text, size_t len) {
    static char written[1 << 20];
    gwj_out out = gwj_into(written, sizeof written);
    gwj_value root;
    gatewright_slice slice;
    if (!gwj_read(gatewright_bytes(text, len), &root)) {
        must(gwj_kind(root) == 0, "what is no JSON is not there");
        puts("-");
        return;
    }
    (void)gwj_at(root, "a.0.b.1.c");
    again(root, &out);
    slice = gwj_written(&out);
    must(slice.len > 0, "it fits");
    fwrite(slice.ptr, 1, slice.len, stdout);
    putchar('\n');
}

/* Each length of a buffer that is too small gives nothing, and nothing is written behind its end. */
static void bounds(void) {
    static const char expected[] = "{\"a\":\"\\u0001\\\"\",\"n\":-9223372036854775808}";
    size_t size;
    for (size = 0; size <= sizeof expected - 1; size++) {
        char *buffer = (char *)malloc(size == 0 ? 1 : size);
        gwj_out out = gwj_into(buffer, size);
        gatewright_slice slice;
        must(buffer != NULL, "memory");
        gwj_raw(&out, "{\"a\":");
        gwj_string(&out, "\001\"", 2);
        gwj_raw(&out, ",\"n\":");
        gwj_number(&out, INT64_MIN);
        gwj_raw(&out, "}");
        slice = gwj_written(&out);
        must(slice.len == (size == sizeof expected - 1 ? size : 0), "all or nothing");
        must(slice.len == 0 || memcmp(slice.ptr, expected, slice.len) == 0, "as expected");
        free(buffer);
    }
}

int main(void) {
    unsigned char head[4];
    bounds();
    while (fread(head, 1, 4, stdin) == 4) {
        size_t len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        char *text = (char *)malloc(len == 0 ? 1 : len);
        must(text != NULL && fread(text, 1, len, stdin) == len, "a whole text");
        one(text, len);
        free(text);
    }
    return 0;
}
