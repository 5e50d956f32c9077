/* `verify` of the cheap factor, in all the ways in which it can be wrong. */
#ifndef BROKEN_H
#define BROKEN_H

#define ACCEPTED "{\"outcome\":\"accepted\",\"credential\":\"01890a5d-ac96-774b-bcce-b302099a8059\""

/* A reply that is none, or says more than it may. */
static bool replies_badly(const instance *it, gwj_value id, uint64_t ticket) {
    static const char no_utf8[] = ",\"amr\":[\"\xff\xfe\"]}";
    char buffer[512];
    gwj_out out = gwj_into(buffer, sizeof buffer);
    gwj_raw(&out, "{\"outcome\":\"accepted\",\"credential\":");
    gwj_copy(&out, id);
    switch (FAULT) {
    case REPLY_EMPTY: out.len = 0; break;
    case REPLY_NO_JSON: break;
    case REPLY_NO_OUTCOME: out.len = 0, gwj_raw(&out, "{}"); break;
    case REPLY_UNKNOWN_MEMBER: gwj_raw(&out, ",\"administrator\":true}"); break;
    case REPLY_OTHER_CREDENTIAL: out.len = 0, gwj_raw(&out, ACCEPTED "}"); break;
    case REPLY_OTHER_CHANGE:
        gwj_raw(&out, ",\"changes\":[{\"change\":\"remove\",\"id\":\"01890a5d-ac96-774b-bcce-b302099a8059\"}]}");
        break;
    case REPLY_UNDECLARED_SEND:
        gwj_raw(&out, ",\"send\":[{\"channel\":\"smtp\",\"to\":\"eve@example.com\",\"template\":\"code\",\"values\":{},"
                      "\"expires_in_ms\":60000}]}");
        break;
    case REPLY_NO_UTF8: gwj_put(&out, no_utf8, sizeof no_utf8 - 1); break;
    case REPLY_UNKNOWN_STATUS:
        gwj_raw(&out, "}");
        it->host->done(it->host->ctx, ticket, 77, gwj_written(&out));
        return true;
    case REPLY_NULL_SLICE:
        /* A length without bytes: a host that copies it dies. */
        it->host->done(it->host->ctx, ticket, GATEWRIGHT_OK, gatewright_bytes(NULL, 4096));
        return true;
    default: return false;
    }
    it->host->done(it->host->ctx, ticket, GATEWRIGHT_OK, gwj_written(&out));
    return true;
}

/* A reply that costs: one that would be right but for its length, or one that is nothing but brackets. */
static bool replies_too_much(const instance *it, gwj_value id, uint64_t ticket) {
    size_t len = FAULT == REPLY_TOO_LARGE ? (size_t)2 << 20 : 900000;
    char *large;
    gwj_out out;
    if (FAULT != REPLY_TOO_LARGE && FAULT != REPLY_DEEP) return false;
    large = (char *)malloc(len);
    if (large == NULL) return false;
    memset(large, FAULT == REPLY_DEEP ? '[' : ' ', len);
    out = gwj_into(large, len);
    if (FAULT == REPLY_TOO_LARGE) {
        gwj_raw(&out, "{\"outcome\":\"accepted\",\"credential\":");
        gwj_copy(&out, id);
        gwj_raw(&out, "}");
    }
    it->host->done(it->host->ctx, ticket, GATEWRIGHT_OK, gatewright_bytes(large, len));
    free(large);
    return true;
}

/* ---- Ends -------------------------------------------------------------------------------------------------------- */

typedef struct {
    const instance *it;
    uint64_t ticket;
} late;

static void *twice_from_a_thread(void *user) {
    late *call = (late *)user;
    ended(call->it, call->ticket, GATEWRIGHT_OK, "{\"outcome\":\"refused\"}");
    ended(call->it, call->ticket, GATEWRIGHT_OK, ACCEPTED "}");
    free(call);
    return NULL;
}

static bool ends_badly(const instance *it, gwj_value request, uint64_t ticket) {
    late *later;
    pthread_t thread;
    switch (FAULT) {
    case NEVER_COMPLETES: return true;
    case CRASHES: crash(); return true;
    case LOOPS:
        for (volatile int forever = 1; forever;) {}
        return true;
    case EXITS: exit(0);
    case COMPLETES_TWICE:
        judge(it, request, ticket);
        ended(it, ticket, GATEWRIGHT_OK, ACCEPTED "}");
        return true;
    case FORGED_TICKET:
        ended(it, ticket + 1, GATEWRIGHT_OK, ACCEPTED "}");
        ended(it, ticket - 1, GATEWRIGHT_OK, ACCEPTED "}");
        ended(it, 0, GATEWRIGHT_OK, ACCEPTED "}");
        ended(it, UINT64_MAX, GATEWRIGHT_OK, ACCEPTED "}");
        judge(it, request, ticket);
        return true;
    case COMPLETES_LATER_TWICE:
        later = (late *)malloc(sizeof *later);
        if (later == NULL) return false;
        later->it = it;
        later->ticket = ticket;
        if (pthread_create(&thread, NULL, twice_from_a_thread, later) != 0) {
            free(later);
            return false;
        }
        pthread_detach(thread);
        return true;
    default: return false;
    }
}

/* ---- Questions and logs ------------------------------------------------------------------------------------------ */

typedef struct {
    const instance *it;
    uint64_t ticket;
    char *request;
    size_t len;
} asking;

/* The host has answered: with what it should have kept, or, as it should, not. */
static void told(void *user, int32_t status, gatewright_slice reply) {
    asking *call = (asking *)user;
    gwj_value root;
    (void)reply;
    if (status == GATEWRIGHT_OK || !gwj_read(gatewright_bytes(call->request, call->len), &root))
        ended(call->it, call->ticket, GATEWRIGHT_INTERNAL, "the host gave what was not asked for in the manifest");
    else
        judge(call->it, root, call->ticket);
    free(call->request);
    free(call);
}

static bool asks_badly(const instance *it, gwj_value request, uint64_t ticket) {
    static char long_name[3000];
    const char *method = "kv.get", *args = "{\"tenant\":\"default\",\"key\":\"k\"}";
    size_t method_len;
    asking *call;
    switch (FAULT) {
    case ASKS_KV_UNDECLARED: break;
    case ASKS_KV_OF_OTHER_TENANT: args = "{\"tenant\":\"somebody-else\",\"key\":\"k\"}"; break;
    case ASKS_HTTP_OF_OTHER_HOST:
        method = "http.fetch";
        args = "{\"url\":\"https://listed.example@other.example/\"}";
        break;
    case ASKS_UNKNOWN_SERVICE: method = "oracle.ask"; break;
    case ASKS_NO_JSON: args = "{\"tenant\":"; break;
    case ASKS_LONG_METHOD:
        memset(long_name, 'k', sizeof long_name);
        method = long_name;
        break;
    case ASKS_RANDOM_UNDECLARED: {
        uint8_t bytes[8];
        if (it->host->random(it->host->ctx, bytes, sizeof bytes) != GATEWRIGHT_OK) return false;
        ended(it, ticket, GATEWRIGHT_INTERNAL, "the host gave what was not asked for in the manifest");
        return true;
    }
    default: return false;
    }
    method_len = method == long_name ? sizeof long_name : strlen(method);
    call = (asking *)malloc(sizeof *call);
    if (call == NULL) return false;
    /* The request is borrowed for this call, and the answer may come later. */
    call->it = it, call->ticket = ticket, call->len = request.len, call->request = (char *)malloc(request.len);
    if (call->request == NULL) {
        free(call);
        return false;
    }
    memcpy(call->request, request.ptr, request.len);
    it->host->call(it->host->ctx, gatewright_bytes(method, method_len), gatewright_bytes(args, strlen(args)), call,
                   told);
    return true;
}

static void logs_badly(const instance *it) {
    static const char control[] = "one line\n2026-01-01T00:00:00Z INFO forged: "
                                  "\x1b[2J\x1b]0;title\x07\r\0\x7f\xc2\x9b" "end";
    static char large[100000];
    char line[64];
    int i;
    switch (FAULT) {
    case LOG_FLOOD:
        for (i = 0; i < 20000; i++) {
            int len = snprintf(line, sizeof line, "line %d", i);
            it->host->log(it->host->ctx, GATEWRIGHT_ERROR, gatewright_bytes(line, (size_t)len));
        }
        break;
    case LOG_CONTROL:
        it->host->log(it->host->ctx, GATEWRIGHT_WARN, gatewright_bytes(control, sizeof control - 1));
        it->host->log(it->host->ctx, 4000000000u, GATEWRIGHT_TEXT("a level that there is not"));
        it->host->log(it->host->ctx, GATEWRIGHT_WARN, GATEWRIGHT_TEXT("\xff\xfe no text"));
        break;
    case LOG_LONG:
        memset(large, 'x', sizeof large);
        it->host->log(it->host->ctx, GATEWRIGHT_WARN, gatewright_bytes(large, sizeof large));
        break;
    case LOG_UNDECLARED: it->host->log(it->host->ctx, GATEWRIGHT_WARN, GATEWRIGHT_TEXT("not asked for")); break;
    default: break;
    }
}

static void verify(const instance *it, gwj_value request, uint64_t ticket) {
    logs_badly(it);
    if (ends_badly(it, request, ticket) || asks_badly(it, request, ticket)) return;
    if (replies_badly(it, gwj_at(request, "credentials.0.id"), ticket)) return;
    if (replies_too_much(it, gwj_at(request, "credentials.0.id"), ticket)) return;
    judge(it, request, ticket);
}

#endif
