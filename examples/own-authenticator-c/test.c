/* Plays the host: enrols somebody, logs them in, and sends everything that a host would not. Compiled with the plugin
 * under AddressSanitizer, with every request in memory of exactly its length that is gone when the call is over. */
#include "gatewright.h"
#include "gatewright_json.h"

#include <stdio.h>
#include <stdlib.h>

#define must(holds) must_(holds, #holds, __LINE__)

static void must_(bool holds, const char *what, int line) {
    if (holds) return;
    fprintf(stderr, "test.c:%d: does not hold: %s\n", line, what);
    exit(1);
}

/* ---- The host ---------------------------------------------------------------------------------------------------- */

static struct {
    uint64_t seed;      /* of the random bytes */
    int refuse_random;  /* ... that are not given */
    int above;          /* so many numbers first that are too large for an unbiased code */
    uint64_t ticket;    /* that is expected next */
    int ends;           /* of this call */
    int32_t status;
    char reply[8192];
    size_t len;
} host_;

static uint64_t dice(void) {
    uint64_t z = host_.seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void host_log(void *ctx, uint32_t level, gatewright_slice message) { (void)ctx, (void)level, (void)message; }

static uint64_t host_now(void *ctx) { return (void)ctx, 1790000000000u; }

static int32_t host_random(void *ctx, uint8_t *buffer, size_t len) {
    (void)ctx;
    if (host_.refuse_random) return GATEWRIGHT_UNAVAILABLE;
    if (host_.above > 0) {
        host_.above--;
        memset(buffer, 0xff, len);
        return GATEWRIGHT_OK;
    }
    while (len-- > 0) *buffer++ = (uint8_t)dice();
    return GATEWRIGHT_OK;
}

static void host_call(void *ctx, gatewright_slice method, gatewright_slice args, void *user,
                      gatewright_host_done done) {
    (void)ctx, (void)method, (void)args;
    done(user, GATEWRIGHT_NOT_PERMITTED, GATEWRIGHT_TEXT("not in the manifest"));
}

static void host_done(void *ctx, uint64_t ticket, int32_t status, gatewright_slice reply) {
    (void)ctx;
    must(ticket == host_.ticket && reply.len < sizeof host_.reply);
    host_.ends++;
    host_.status = status;
    host_.len = reply.len;
    if (reply.len > 0) memcpy(host_.reply, reply.ptr, reply.len);
    host_.reply[reply.len] = '\0';
}

static const gatewright_host host = {
    sizeof(gatewright_host), GATEWRIGHT_MAJOR, GATEWRIGHT_MINOR, NULL,
    host_log, host_now, host_random, host_call, host_done,
};

static void begin(void) {
    host_.ticket++;
    host_.ends = 0;
    host_.status = -1;
}

static char *borrowed(const char *text, size_t len) {
    char *copy = (char *)malloc(len == 0 ? 1 : len);
    must(copy != NULL);
    memcpy(copy, text, len);
    return copy;
}

static void *made(const char *config) {
    char *copy = borrowed(config, strlen(config));
    void *instance;
    begin();
    instance = gatewright_plugin_v1()->create(&host, gatewright_bytes(copy, strlen(config)), host_.ticket);
    free(copy);
    must(host_.ends == 1 && (instance != NULL) == (host_.status == GATEWRIGHT_OK));
    return instance;
}

/* One call; it has ended once. The reply, which is JSON where it is one. */
static gwj_value called(void *instance, const char *method, const char *request, size_t len) {
    char *copy = borrowed(request, len), *name = borrowed(method, strlen(method));
    gwj_value root;
    begin();
    gatewright_plugin_v1()->call(instance, gatewright_bytes(name, strlen(method)), gatewright_bytes(copy, len),
                                 host_.ticket);
    free(copy);
    free(name);
    must(host_.ends == 1);
    must(gwj_read(gatewright_bytes(host_.reply, host_.len), &root) == (host_.status == GATEWRIGHT_OK) ||
         host_.status != GATEWRIGHT_OK);
    return root;
}

/* ---- A person ---------------------------------------------------------------------------------------------------- */

#define ID "\"01890a5d-ac96-774b-bcce-b302099a8059\""

static void *instance_;
static char doc_[1024], reveal_[1024], request_[4096];

static void kept(char *into, size_t size, gwj_value v) {
    must(v.ptr != NULL && v.len < size);
    memcpy(into, v.ptr, v.len);
    into[v.len] = '\0';
}

/* A request of a login: with the document, or of nobody. */
static const char *request(const char *doc, const char *rest) {
    int len = doc == NULL ? snprintf(request_, sizeof request_, "{\"scope\":{\"pseudonym\":[7,3,9]},%s}", rest)
                          : snprintf(request_, sizeof request_,
                                     "{\"scope\":{\"pseudonym\":[7,3,9]},\"credentials\":[{\"id\":" ID
                                     ",\"label\":null,\"doc\":%s}],%s}",
                                     doc, rest);
    must(len > 0 && (size_t)len < sizeof request_);
    return request_;
}

static gwj_value asked(const char *method, const char *doc, const char *rest) {
    const char *text = request(doc, rest);
    return called(instance_, method, text, strlen(text));
}

static void enrolled(void) {
    gwj_value reply = asked("enrol", NULL, "\"draft\":{},\"proof\":{}");
    must(gwj_is(gwj_at(reply, "outcome"), "enrolled", 8));
    kept(doc_, sizeof doc_, gwj_at(reply, "credential"));
    kept(reveal_, sizeof reveal_, gwj_at(reply, "reveal"));
    must(gwj_count(gwj_at(reply, "reveal.codes")) == 10);
}

static int64_t position(const char *doc) {
    int64_t shown = 0, state = 0;
    gwj_value reply = asked("challenge", doc, "\"begin\":{}");
    must(gwj_int(gwj_at(reply, "prompt.position"), &shown) && gwj_int(gwj_at(reply, "state.position"), &state));
    must(shown == state && shown >= 1 && shown <= 10);
    return shown;
}

/* What the person reads on the sheet. */
static void code_at(int64_t position, char code[16]) {
    char rest[1200];
    must(snprintf(rest, sizeof rest, "\"reveal\":%s,\"prompt\":{\"position\":%d}", reveal_, (int)position) > 0);
    must(gwj_text(gwj_at(asked("answer", NULL, rest), "rehearsed.code"), code, 16, NULL));
}

static gwj_value answered(const char *doc, int64_t position, const char *code) {
    char rest[200];
    must(snprintf(rest, sizeof rest, "\"state\":{\"position\":%d},\"answer\":{\"code\":\"%s\"}", (int)position,
                  code) > 0);
    return asked("verify", doc, rest);
}

static bool refused(gwj_value reply, const char *why) {
    return gwj_is(gwj_at(reply, "outcome"), "refused", 7) && gwj_is(gwj_at(reply, "why"), why, strlen(why)) &&
           gwj_is_null(gwj_at(reply, "changes"));
}

/* ---- Tests ------------------------------------------------------------------------------------------------------- */

static void the_manifest_is_one(void) {
    gwj_value root;
    int64_t contract;
    must(gwj_read(gatewright_plugin_v1()->manifest(), &root));
    must(gwj_is(gwj_at(root, "id"), "code-sheet", strlen("code-sheet")));
    must(gwj_int(gwj_at(root, "contract"), &contract) && contract == GATEWRIGHT_CONTRACT);
}

static void a_wrong_configuration_is_refused_by_its_key(void) {
    static const char *const wrong[] = {
        "", "{", "[]", "{}", "{\"answer_seconds\":29}", "{\"answer_seconds\":3601}", "{\"answer_seconds\":-1}",
        "{\"answer_seconds\":\"60\"}", "{\"answer_seconds\":1e2}", "{\"answer_seconds\":99999999999999999999}",
    };
    size_t i;
    gwj_value root;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        must(made(wrong[i]) == NULL && host_.status == GATEWRIGHT_CONFIG);
        must(gwj_read(gatewright_bytes(host_.reply, host_.len), &root));
        must(gwj_is(gwj_at(root, "field"), "answer_seconds", 14));
    }
}

static void each_code_lets_in_once_until_none_is_left(void) {
    char old[1024], code[16];
    int used;
    enrolled();
    for (used = 0; used < 10; used++) {
        int64_t at = position(doc_), left = 0;
        gwj_value reply;
        code_at(at, code);
        must(refused(answered(doc_, at % 10 + 1, code), used < 9 ? "wrong" : "replayed"));
        reply = answered(doc_, at, code);
        must(gwj_is(gwj_at(reply, "outcome"), "accepted", 8));
        must(gwj_is(gwj_at(reply, "credential"), "01890a5d-ac96-774b-bcce-b302099a8059", 36));
        must(gwj_is(gwj_at(reply, "changes.0.change"), "replace", 7));
        memcpy(old, doc_, sizeof old);
        kept(doc_, sizeof doc_, gwj_at(reply, "changes.0.doc"));
        must(strstr(old, code) != NULL && strstr(doc_, code) == NULL);
        /* Another answer that was judged at the same moment is judged anew, with what is there now. */
        must(refused(answered(doc_, at, code), used < 9 ? "replayed" : "not_enrolled"));
        must(snprintf(request_, sizeof request_, "{\"doc\":%s}", doc_) > 0);
        must(gwj_int(gwj_at(called(instance_, "describe", request_, strlen(request_)), "details.left"), &left));
        must(left == 9 - used);
    }
    must(position(doc_) == position(NULL));
}

static void nobody_looks_like_somebody(void) {
    enrolled();
    must(position(NULL) == position(NULL) && position(NULL) == position(doc_));
    must(refused(answered(NULL, 1, "00000000"), "not_enrolled"));
    must(refused(answered(doc_, 1, "--------"), "wrong") || host_.status == GATEWRIGHT_BAD_REQUEST);
    (void)answered(NULL, 1, "--------");
    must(host_.status == GATEWRIGHT_BAD_REQUEST);
}

static void codes_are_drawn_without_a_bias_or_not_at_all(void) {
    host_.above = 3;
    enrolled();
    must(host_.above == 0 && strstr(doc_, "94967295") == NULL);
    host_.above = 1000000;
    (void)asked("enrol", NULL, "\"draft\":{},\"proof\":{}");
    must(host_.status == GATEWRIGHT_UNAVAILABLE);
    host_.above = 0;
    host_.refuse_random = 1;
    (void)asked("enrol", NULL, "\"draft\":{},\"proof\":{}");
    must(host_.status == GATEWRIGHT_UNAVAILABLE);
    host_.refuse_random = 0;
}

/* Whatever is sent: the call ends once, nobody is let in, nothing is read or written where it should not be. */
static void whatever_is_sent_nobody_gets_in(void) {
    static const char *const methods[] = {"challenge", "verify", "invite", "enrol",  "describe", "migrate",
                                          "prove",     "answer", "signal", "verifyy", "",        "verif"};
    static const char telling[] = "{}[]\",:\\u0019eE-\xff\x80 \n";
    char text[4096];
    size_t len, i;
    int round;
    enrolled();
    memcpy(text, request(doc_, "\"state\":{\"position\":1},\"answer\":{\"code\":\"00000000\"}"), sizeof text);
    len = strlen(text);
    for (i = 0; i <= len; i++) must(!gwj_is(gwj_at(called(instance_, "verify", text, i), "outcome"), "accepted", 8));
    for (round = 0; round < 20000; round++) {
        char sent[4096];
        size_t cut = dice() % 8 == 0 ? dice() % (len + 1) : len;
        int changes = (int)(dice() % 4);
        gwj_value reply;
        memcpy(sent, text, len);
        while (changes-- > 0) sent[dice() % len] = telling[dice() % (sizeof telling - 1)];
        reply = called(instance_, methods[dice() % (sizeof methods / sizeof *methods)], sent, cut);
        must(!gwj_is(gwj_at(reply, "outcome"), "accepted", 8));
    }
}

int main(void) {
    the_manifest_is_one();
    a_wrong_configuration_is_refused_by_its_key();
    instance_ = made("{\"answer_seconds\":300}");
    must(instance_ != NULL);
    each_code_lets_in_once_until_none_is_left();
    nobody_looks_like_somebody();
    codes_are_drawn_without_a_bias_or_not_at_all();
    whatever_is_sent_nobody_gets_in();
    gatewright_plugin_v1()->destroy(instance_);
    puts("test.c: all is well");
    return 0;
}
