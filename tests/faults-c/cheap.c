/* The cheap factor: who says `open` is let in. It is as small as a factor can be, and -DFAULT=NAME (fault.h) makes it
 * break one promise. -DVERSION=2 is its next version: another document, another prompt, a migration; with -DDOCUMENTS=1
 * the documents stay as they are. -DID='"name"' is one of many.
 *
 * Each version refuses what belongs to the other: a state or a document that comes to the wrong one is a failure. */
#include "gatewright.h"
#include "gatewright_json.h"

#include "fault.h"
#include "manifest.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    const gatewright_host *host;
    char greeting[64];
} instance;

static void ended(const instance *it, uint64_t ticket, int32_t status, const char *text) {
    it->host->done(it->host->ctx, ticket, status, gatewright_bytes(text, strlen(text)));
}

static void crash(void) {
    static int *volatile nowhere;
    *nowhere = 1;
}

/* ---- The factor -------------------------------------------------------------------------------------------------- */

#if VERSION == 2
#define STATE "{\"v\":2}"
#else
#define STATE "{\"v\":1}"
#endif

#if DOCUMENTS == 2
#define KEPT "{\"kept\":1,\"colour\":\"green\"}"
#else
#define KEPT "{\"kept\":1}"
#endif

/* Whether a document is of this version. */
static bool is_mine(gwj_value doc) {
    int64_t kept;
    return gwj_int(gwj_at(doc, "kept"), &kept) && kept == 1 && gwj_is_null(gwj_at(doc, "colour")) == (DOCUMENTS == 1);
}

static void challenge(const instance *it, uint64_t ticket) {
    char buffer[512];
    gwj_out out = gwj_into(buffer, sizeof buffer);
    gatewright_slice reply;
    gwj_raw(&out, "{\"prompt\":{\"hint\":");
#if FAULT == REPLY_BREAKS_SCHEMA
    gwj_raw(&out, "7,\"secret\":\"not in the schema\"},\"state\":{}}");
#else
    gwj_string(&out, it->greeting, strlen(it->greeting));
    gwj_raw(&out, COLOUR_EXAMPLE "},\"state\":" STATE ",\"expires_in_ms\":60000}");
#endif
    reply = gwj_written(&out);
    it->host->done(it->host->ctx, ticket, GATEWRIGHT_OK, reply);
}

/* The verdict as it should be. */
static void judge(const instance *it, gwj_value request, uint64_t ticket) {
    char buffer[256];
    gwj_out out = gwj_into(buffer, sizeof buffer);
    gwj_value held = gwj_at(request, "credentials.0"), version = gwj_at(request, "state.v");
    int64_t asked;
    if (gwj_int(version, &asked) && asked != VERSION) {
        ended(it, ticket, GATEWRIGHT_INTERNAL, "a state of another version");
        return;
    }
    if (gwj_is_null(held)) {
        ended(it, ticket, GATEWRIGHT_OK, "{\"outcome\":\"refused\",\"why\":\"not_enrolled\"}");
        return;
    }
    if (!is_mine(gwj_at(held, "doc"))) {
        ended(it, ticket, GATEWRIGHT_INTERNAL, "a document of another version");
        return;
    }
    if (!gwj_is(gwj_at(request, "answer.code"), "open", 4)) {
        ended(it, ticket, GATEWRIGHT_OK, "{\"outcome\":\"refused\",\"why\":\"wrong\"}");
        return;
    }
    gwj_raw(&out, "{\"outcome\":\"accepted\",\"credential\":");
    gwj_copy(&out, gwj_at(held, "id"));
    gwj_raw(&out, "}");
    it->host->done(it->host->ctx, ticket, GATEWRIGHT_OK, gwj_written(&out));
}

static void migrate(const instance *it, gwj_value request, uint64_t ticket) {
    int64_t from = 0, kept = 0;
    (void)gwj_int(gwj_at(request, "from"), &from);
    if (DOCUMENTS == 2 && from == 1 && gwj_int(gwj_at(request, "doc.kept"), &kept) && kept == 1)
        ended(it, ticket, GATEWRIGHT_OK, "{\"doc\":" KEPT "}");
    else
        ended(it, ticket, GATEWRIGHT_INTERNAL, "no such document");
}

#include "broken.h"

static bool is(gatewright_slice method, const char *name) {
    return method.len == strlen(name) && memcmp(method.ptr, name, method.len) == 0;
}

static void call(void *self, gatewright_slice method, gatewright_slice request, uint64_t ticket) {
    const instance *it = (const instance *)self;
    gwj_value root;
    if (!gwj_read(request, &root)) ended(it, ticket, GATEWRIGHT_INTERNAL, "the request is no JSON");
    else if (is(method, "challenge")) challenge(it, ticket);
    else if (is(method, "verify")) verify(it, root, ticket);
    else if (is(method, "invite")) ended(it, ticket, GATEWRIGHT_OK, "{\"invitation\":{},\"draft\":{}}");
    else if (is(method, "enrol"))
        ended(it, ticket, GATEWRIGHT_OK, "{\"outcome\":\"enrolled\",\"credential\":" KEPT ",\"reveal\":{}}");
    else if (is(method, "describe")) ended(it, ticket, GATEWRIGHT_OK, "{\"details\":{\"version\":" DOCUMENT "}}");
    else if (is(method, "migrate")) migrate(it, root, ticket);
    else if (is(method, "prove")) ended(it, ticket, GATEWRIGHT_OK, "{\"rehearsed\":{}}");
    else if (is(method, "answer")) ended(it, ticket, GATEWRIGHT_OK, "{\"rehearsed\":{\"code\":\"open\"}}");
    else ended(it, ticket, GATEWRIGHT_UNKNOWN_METHOD, "no such method");
}

static void *create(const gatewright_host *host, gatewright_slice config, uint64_t ticket) {
    instance *it = (instance *)calloc(1, sizeof *it);
    gwj_value root;
    if (it == NULL) return NULL;
    it->host = host;
#if FAULT == CREATE_NEVER_COMPLETES
    (void)config, (void)ticket, (void)root;
    return it;
#elif FAULT == CREATE_CRASHES
    crash();
#elif FAULT == CREATE_LOOPS
    for (volatile int forever = 1; forever;) {}
#elif FAULT == CREATE_REFUSES
    ended(it, ticket, GATEWRIGHT_CONFIG, "{\"field\":\"greeting\",\"message\":\"nothing is polite enough\"}");
    free(it);
    return NULL;
#endif
    if (!gwj_read(config, &root) || !gwj_text(gwj_at(root, KEY), it->greeting, sizeof it->greeting, NULL)) {
        ended(it, ticket, GATEWRIGHT_CONFIG, "{\"field\":\"" KEY "\",\"message\":\"at most 63 bytes of text\"}");
        free(it);
        return NULL;
    }
    ended(it, ticket, GATEWRIGHT_OK, "{}");
#if FAULT == CREATE_NULL
    free(it);
    return NULL;
#else
    return it;
#endif
}

static void destroy(void *self) { free(self); }

static const gatewright_plugin plugin = {
    FAULT == WRONG_MAGIC ? 0x464c457fu : GATEWRIGHT_MAGIC,
    FAULT == WRONG_MAJOR ? GATEWRIGHT_MAJOR + 1 : GATEWRIGHT_MAJOR,
    GATEWRIGHT_MINOR,
    FAULT == SIZE_TOO_SMALL ? 24 : sizeof(gatewright_plugin),
    FAULT == FLAGS_SET ? 1 : 0,
    manifest,
    create,
    FAULT == NULL_FUNCTION ? NULL : call,
    destroy,
};

#if FAULT == CONSTRUCTOR_ABORTS
__attribute__((constructor)) static void early(void) { abort(); }
#elif FAULT == CONSTRUCTOR_LOOPS
__attribute__((constructor)) static void early(void) {
    for (volatile int forever = 1; forever;) {}
}
#endif

#if FAULT == MISSING_SYMBOL
GATEWRIGHT_EXPORT const gatewright_plugin *gatewright_plugin_v0(void);
const gatewright_plugin *gatewright_plugin_v0(void) { return &plugin; }
#else
const gatewright_plugin *gatewright_plugin_v1(void) {
#if FAULT == ENTRY_CRASHES
    crash();
#endif
    return FAULT == NULL_PLUGIN ? NULL : &plugin;
}
#endif
