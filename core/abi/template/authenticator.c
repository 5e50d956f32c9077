/* A code sheet: ten printed codes of eight digits, each good once. The person is asked for the code at one position.
 *
 * gatewright.h says what each function takes and gives. What is different for a factor of your own are the functions
 * named after methods, from `challenge` on, and the manifest; the rest can stay.
 *
 * Rules that this file keeps, and a factor should:
 *   - Nobody (no credential) is shown what somebody is shown, and costs what somebody costs.
 *   - A secret is compared in constant time, never logged, and never in an explanation.
 *   - What is good once is spent by a change of the credential in the same reply that says yes: of two answers at the
 *     same moment the host stores one, and asks the other anew.
 *   - Every length is checked before it is used; a reply that does not fit is no reply.
 *   - An instance is not changed after `create`, so that calls may come on several threads without a lock.
 */
#include "gatewright.h"
#include "gatewright_json.h"

#include <stdlib.h>

#define CODES 10
#define DIGITS 8
/* The largest reply: CODES codes twice, with room. */
#define REPLY_BYTES 2048

static const char MANIFEST[] =
#include "manifest.inc"
    ;

typedef struct {
    const gatewright_host *host;
    int64_t answer_seconds;
} instance;

/* One call that is under way. */
typedef struct {
    const instance *it;
    uint64_t ticket;
    gwj_value request;
} step;

/* What is kept of an enrolled person: {"codes":["12345678",...]}, an empty text for a code that has been used. The host
 * seals it. Hashes would buy nothing: 10^8 codes are tried in a second. */
typedef struct {
    char codes[CODES][DIGITS + 1];
} code_sheet;

/* What is read for nobody, so that nobody costs what somebody costs. */
static const char NOBODYS[] =
    "{\"codes\":[\"00000000\",\"00000000\",\"00000000\",\"00000000\",\"00000000\",\"00000000\",\"00000000\","
    "\"00000000\",\"00000000\",\"00000000\"]}";

/* ---- Ends of a call ---------------------------------------------------------------------------------------------- */

static void replied(const step *s, const gwj_out *out) {
    gatewright_slice reply = gwj_written(out);
    if (reply.len > 0) s->it->host->done(s->it->host->ctx, s->ticket, GATEWRIGHT_OK, reply);
    else s->it->host->done(s->it->host->ctx, s->ticket, GATEWRIGHT_INTERNAL, GATEWRIGHT_TEXT("a reply does not fit"));
}

static void failed(const step *s, int32_t status, const char *why) {
    s->it->host->done(s->it->host->ctx, s->ticket, status, gatewright_bytes(why, strlen(why)));
}

static void refused(const step *s, const char *why) {
    char buffer[128];
    gwj_out out = gwj_into(buffer, sizeof buffer);
    gwj_raw(&out, "{\"outcome\":\"refused\",\"why\":");
    gwj_string(&out, why, strlen(why));
    gwj_raw(&out, "}");
    replied(s, &out);
}

/* ---- The sheet --------------------------------------------------------------------------------------------------- */

/* So that the compiler does not take it away: secrets do not stay on the stack. */
static void wipe(void *memory, size_t len) {
    volatile unsigned char *at = (volatile unsigned char *)memory;
    while (len-- > 0) *at++ = 0;
}

static bool is_code(const char *text) {
    return strlen(text) == DIGITS && strspn(text, "0123456789") == DIGITS;
}

/* Takes as long for a wrong code as for a right one. Both have DIGITS characters. */
static bool is_same(const char *a, const char *b) {
    volatile unsigned char difference = 0;
    size_t i;
    for (i = 0; i < DIGITS; i++) difference = (unsigned char)(difference | (a[i] ^ b[i]));
    return difference == 0;
}

/* Reads a document. False: it is damaged, since it was written by write_sheet. */
static bool read_sheet(gwj_value doc, code_sheet *sheet) {
    gwj_value list = gwj_at(doc, "codes"), item;
    size_t at = 0, i = 0;
    while (gwj_next(list, &at, NULL, &item)) {
        if (i == CODES || !gwj_text(item, sheet->codes[i], DIGITS + 1, NULL)) return false;
        if (sheet->codes[i][0] != '\0' && !is_code(sheet->codes[i])) return false;
        i++;
    }
    return i == CODES;
}

static void write_sheet(gwj_out *out, const code_sheet *sheet) {
    size_t i;
    gwj_raw(out, "{\"codes\":[");
    for (i = 0; i < CODES; i++) {
        if (i > 0) gwj_raw(out, ",");
        gwj_string(out, sheet->codes[i], strlen(sheet->codes[i]));
    }
    gwj_raw(out, "]}");
}

/* A code that is as likely as every other: of 32 random bits, what is above a multiple of 10^8 is drawn again. */
static bool draw_code(const gatewright_host *host, char code[DIGITS + 1]) {
    uint32_t number;
    int tries, i;
    for (tries = 0; tries < 100; tries++) {
        if (host->random(host->ctx, (uint8_t *)&number, sizeof number) != GATEWRIGHT_OK) return false;
        if (number < 4200000000u) break;
    }
    if (tries == 100) return false;
    for (i = DIGITS - 1; i >= 0; i--) {
        code[i] = (char)('0' + number % 10);
        number /= 10;
    }
    code[DIGITS] = '\0';
    return true;
}

static int codes_left(const code_sheet *sheet) {
    int i, left = 0;
    for (i = 0; i < CODES; i++) left += sheet->codes[i][0] != '\0';
    return left;
}

/* Which code is asked for, from 1: the first that is there, counted from a place that the claimed name decides. For
 * nobody, and where none is left, it is that place itself, the same at each try. */
static int position_of(const step *s, const code_sheet *sheet) {
    int64_t byte = 0;
    int i, place;
    (void)gwj_int(gwj_at(s->request, "scope.pseudonym.0"), &byte);
    place = (int)((byte & 0xff) % CODES);
    for (i = 0; i < CODES; i++)
        if (sheet->codes[(place + i) % CODES][0] != '\0') return (place + i) % CODES + 1;
    return place + 1;
}

/* ---- Methods ----------------------------------------------------------------------------------------------------- */

/* The sheet of the person, or an empty one for nobody; `id` is then not there. False: the call has ended. */
static bool held_sheet(const step *s, code_sheet *sheet, gwj_value *id) {
    gwj_value held = gwj_at(s->request, "credentials.0"), doc = gwj_at(held, "doc");
    bool nobody = gwj_is_null(held);
    *id = gwj_at(held, "id");
    memset(sheet, 0, sizeof *sheet);
    if (nobody) (void)gwj_read(gatewright_bytes(NOBODYS, sizeof NOBODYS - 1), &doc);
    if (!read_sheet(doc, sheet)) {
        failed(s, GATEWRIGHT_INTERNAL, "a sheet does not have its shape");
        return false;
    }
    if (nobody) memset(sheet, 0, sizeof *sheet);
    return true;
}

static void challenge(const step *s) {
    char buffer[256];
    gwj_out out = gwj_into(buffer, sizeof buffer);
    code_sheet sheet;
    gwj_value id;
    int position;
    if (!held_sheet(s, &sheet, &id)) return;
    position = position_of(s, &sheet);
    wipe(&sheet, sizeof sheet);
    gwj_raw(&out, "{\"prompt\":{\"position\":");
    gwj_number(&out, position);
    gwj_raw(&out, "},\"state\":{\"position\":");
    gwj_number(&out, position);
    gwj_raw(&out, "},\"expires_in_ms\":");
    gwj_number(&out, s->it->answer_seconds * 1000);
    gwj_raw(&out, "}");
    replied(s, &out);
}

/* Yes, and in the same reply the sheet without the code. */
static void accept(const step *s, gwj_value id, code_sheet *sheet, int64_t position) {
    char buffer[REPLY_BYTES];
    gwj_out out = gwj_into(buffer, sizeof buffer);
    wipe(sheet->codes[position - 1], DIGITS + 1);
    gwj_raw(&out, "{\"outcome\":\"accepted\",\"credential\":");
    gwj_copy(&out, id);
    gwj_raw(&out, ",\"changes\":[{\"change\":\"replace\",\"id\":");
    gwj_copy(&out, id);
    gwj_raw(&out, ",\"doc\":");
    write_sheet(&out, sheet);
    gwj_raw(&out, "}]}");
    replied(s, &out);
    wipe(buffer, sizeof buffer);
}

static void verify(const step *s) {
    static const char nobodys[DIGITS + 1] = "--------";
    char code[DIGITS + 1], right[DIGITS + 1];
    code_sheet sheet;
    gwj_value id;
    int64_t position;
    bool there, same;
    if (!gwj_text(gwj_at(s->request, "answer.code"), code, sizeof code, NULL) || !is_code(code)) {
        failed(s, GATEWRIGHT_BAD_REQUEST, "{\"field\":\"code\",\"message\":\"A code has 8 digits.\"}");
        return;
    }
    if (!gwj_int(gwj_at(s->request, "state.position"), &position) || position < 1 || position > CODES) {
        failed(s, GATEWRIGHT_INTERNAL, "a state does not have its shape");
        return;
    }
    if (!held_sheet(s, &sheet, &id)) return;
    there = sheet.codes[position - 1][0] != '\0';
    memcpy(right, there ? sheet.codes[position - 1] : nobodys, sizeof right);
    same = is_same(right, code);
    if (there && same) accept(s, id, &sheet, position);
    else if (there) refused(s, "wrong");
    /* Another answer was first and has used it; or there is nothing to hold it against. */
    else refused(s, codes_left(&sheet) > 0 ? "replayed" : "not_enrolled");
    wipe(&sheet, sizeof sheet);
    wipe(right, sizeof right);
    wipe(code, sizeof code);
}

static void enrol(const step *s) {
    char buffer[REPLY_BYTES];
    gwj_out out = gwj_into(buffer, sizeof buffer);
    code_sheet sheet;
    size_t i;
    for (i = 0; i < CODES; i++) {
        if (draw_code(s->it->host, sheet.codes[i])) continue;
        wipe(&sheet, sizeof sheet);
        failed(s, GATEWRIGHT_UNAVAILABLE, "no random numbers");
        return;
    }
    gwj_raw(&out, "{\"outcome\":\"enrolled\",\"credential\":");
    write_sheet(&out, &sheet);
    gwj_raw(&out, ",\"reveal\":");
    write_sheet(&out, &sheet);
    gwj_raw(&out, "}");
    replied(s, &out);
    wipe(&sheet, sizeof sheet);
    wipe(buffer, sizeof buffer);
}

static void describe(const step *s) {
    char buffer[64];
    gwj_out out = gwj_into(buffer, sizeof buffer);
    code_sheet sheet;
    if (!read_sheet(gwj_at(s->request, "doc"), &sheet)) {
        failed(s, GATEWRIGHT_INTERNAL, "a sheet does not have its shape");
        return;
    }
    gwj_raw(&out, "{\"details\":{\"left\":");
    gwj_number(&out, codes_left(&sheet));
    gwj_raw(&out, "}}");
    wipe(&sheet, sizeof sheet);
    replied(s, &out);
}

/* How a person would answer, so that the host's own tests can log in: by what was shown, not by the document. */
static void answer(const step *s) {
    char buffer[64], code[DIGITS + 1];
    gwj_out out = gwj_into(buffer, sizeof buffer);
    gwj_value codes = gwj_at(s->request, "reveal.codes"), item;
    int64_t position = 0;
    size_t at = 0;
    (void)gwj_int(gwj_at(s->request, "prompt.position"), &position);
    while (gwj_next(codes, &at, NULL, &item))
        if (--position == 0 && gwj_text(item, code, sizeof code, NULL)) {
            gwj_raw(&out, "{\"rehearsed\":{\"code\":");
            gwj_string(&out, code, strlen(code));
            gwj_raw(&out, "}}");
            replied(s, &out);
            return;
        }
    gwj_raw(&out, "{\"rehearsed\":null}");
    replied(s, &out);
}

/* ---- The table --------------------------------------------------------------------------------------------------- */

static gatewright_slice manifest(void) { return gatewright_bytes(MANIFEST, sizeof MANIFEST - 1); }

static void *create(const gatewright_host *host, gatewright_slice config, uint64_t ticket) {
    instance *it = (instance *)malloc(sizeof *it);
    gwj_value root;
    if (it == NULL) {
        host->done(host->ctx, ticket, GATEWRIGHT_UNAVAILABLE, GATEWRIGHT_TEXT("no memory"));
        return NULL;
    }
    it->host = host;
    /* The host has held the table against the schema of the manifest; what a schema can't say is checked here. */
    if (!gwj_read(config, &root) || !gwj_int(gwj_at(root, "answer_seconds"), &it->answer_seconds) ||
        it->answer_seconds < 30 || it->answer_seconds > 3600) {
        host->done(host->ctx, ticket, GATEWRIGHT_CONFIG,
                   GATEWRIGHT_TEXT("{\"field\":\"answer_seconds\",\"message\":\"30 to 3600 seconds\"}"));
        free(it);
        return NULL;
    }
    host->done(host->ctx, ticket, GATEWRIGHT_OK, GATEWRIGHT_TEXT("{}"));
    return it;
}

static bool is(gatewright_slice method, const char *name) {
    return method.len == strlen(name) && memcmp(method.ptr, name, method.len) == 0;
}

/* A method that needs no computing. */
static void constant(const step *s, const char *reply) {
    s->it->host->done(s->it->host->ctx, s->ticket, GATEWRIGHT_OK, gatewright_bytes(reply, strlen(reply)));
}

static void call(void *self, gatewright_slice method, gatewright_slice request, uint64_t ticket) {
    step s;
    s.it = (const instance *)self;
    s.ticket = ticket;
    if (!gwj_read(request, &s.request)) failed(&s, GATEWRIGHT_INTERNAL, "a request is no JSON");
    else if (is(method, "challenge")) challenge(&s);
    else if (is(method, "verify")) verify(&s);
    else if (is(method, "invite")) constant(&s, "{\"invitation\":{},\"draft\":{}}");
    else if (is(method, "enrol")) enrol(&s);
    else if (is(method, "describe")) describe(&s);
    else if (is(method, "prove")) constant(&s, "{\"rehearsed\":{}}");
    else if (is(method, "answer")) answer(&s);
    /* `migrate` too, until document_version is raised: there is nothing to bring up to date. */
    else failed(&s, GATEWRIGHT_UNKNOWN_METHOD, "no such method");
}

static void destroy(void *self) { free(self); }

static const gatewright_plugin plugin = {
    GATEWRIGHT_MAGIC, GATEWRIGHT_MAJOR, GATEWRIGHT_MINOR, sizeof(gatewright_plugin), 0,
    manifest, create, call, destroy,
};

const gatewright_plugin *gatewright_plugin_v1(void) { return &plugin; }
