/* A plugin for the tests of the loader. What is sent says how it behaves; what is defined, how it shakes hands. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gatewright.h"

typedef gatewright_slice slice;
typedef gatewright_host host;
typedef gatewright_plugin plugin;

#ifndef NAME
#define NAME "loader-test"
#endif
#ifndef MAGIC
#define MAGIC GATEWRIGHT_MAGIC
#endif
#ifndef MAJOR
#define MAJOR GATEWRIGHT_MAJOR
#endif
#ifndef SIZE
#define SIZE sizeof(plugin)
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef SYMBOL
#define SYMBOL gatewright_plugin_v1
#endif

static const host *h;
static uint64_t kept;

static slice text(const char *s) { return (slice){ (const uint8_t *)s, strlen(s) }; }
static int is(slice s, const char *word) { return s.len == strlen(word) && !memcmp(s.ptr, word, s.len); }
static void say(uint64_t ticket, int32_t status, slice reply) { h->done(h->ctx, ticket, status, reply); }

static slice manifest(void) {
#ifdef HUGE_MANIFEST
    return (slice){ (const uint8_t *)NAME, (size_t)1 << 40 };
#endif
    return text("{\"id\":\"" NAME "\"}");
}

/* What the configuration or a request says after its word: a number. */
static int number(slice s) {
    char copy[32] = { 0 };
    memcpy(copy, s.ptr, s.len < 31 ? s.len : 31);
    return atoi(copy);
}

/* Waits until the test writes a byte. */
static void await(int fd) {
    char byte;
    while (read(fd, &byte, 1) < 0) {}
}

/* The instance is the descriptor to which `destroy` writes; a negative one is read before it begins. */
static void *create(const host *given, slice config, uint64_t ticket) {
    h = given;
    int *instance = malloc(sizeof *instance);
    *instance = number(config);
    if (is(config, "silent")) return instance;
    if (*instance < 0) await(-*instance);
    if (is(config, "refuses")) {
        say(ticket, 4, text("{\"field\":\"digits\",\"message\":\"at most 8\"}"));
        return 0;
    }
    if (is(config, "fails")) {
        say(ticket, 5, text("no luck"));
        return 0;
    }
    say(ticket, 0, text(""));
    if (is(config, "twice")) say(ticket, 5, text("again"));
    return is(config, "null") ? 0 : instance;
}

struct later { uint64_t ticket; int fd; };

static void *later(void *argument) {
    struct later *l = argument;
    await(l->fd);
    say(l->ticket, 0, text("later"));
    free(l);
    return 0;
}

struct asked { uint64_t ticket; };

static void answered(void *user, int32_t status, slice reply) {
    struct asked *a = user;
    say(a->ticket, status, reply);
    free(a);
}

static void ask(uint64_t ticket, slice args) {
    struct asked *a = malloc(sizeof *a);
    a->ticket = ticket;
    h->call(h->ctx, text("kv.get"), args, a, answered);
}

static void *ask_later(void *argument) {
    struct later *l = argument;
    await(l->fd);
    ask(l->ticket, text("{}"));
    free(l);
    return 0;
}

static void begin(void *(*run)(void *), uint64_t ticket, int fd) {
    struct later *l = malloc(sizeof *l);
    *l = (struct later){ ticket, fd };
    pthread_t thread;
    pthread_create(&thread, 0, run, l);
    pthread_detach(thread);
}

static void call(void *instance, slice method, slice request, uint64_t ticket) {
    static uint8_t large[(1 << 20) + 1];
    if (is(method, "echo")) return say(ticket, 0, request);
    if (is(method, "fails")) return say(ticket, 3, text("somebody else was first"));
    if (is(method, "never")) return;
    if (is(method, "large")) return say(ticket, 0, (slice){ large, sizeof large });
    if (is(method, "largest")) return say(ticket, 0, (slice){ large, 1 << 20 });
    if (is(method, "twice")) {
        say(ticket, 0, text("first"));
        return say(ticket, 0, text("second"));
    }
    if (is(method, "forges")) {
        say(ticket + 1, 0, text("mine"));
        say(0, 0, text("mine"));
        say(~ticket, 0, text("mine"));
        return say(ticket, 0, text("own"));
    }
    if (is(method, "keeps")) {
        kept = ticket;
        return;
    }
    if (is(method, "ends-kept")) {
        say(kept, 0, text("kept"));
        return say(ticket, 0, text("own"));
    }
    if (is(method, "blocks")) {
        h->log(h->ctx, 0, text("blocks"));
        await(number(request));
        return say(ticket, 0, text("unblocked"));
    }
    if (is(method, "later")) return begin(later, ticket, number(request));
    if (is(method, "asks-later")) return begin(ask_later, ticket, number(request));
    if (is(method, "asks")) return ask(ticket, request);
    if (is(method, "asks-too-much")) return ask(ticket, (slice){ large, sizeof large });
    if (is(method, "random")) {
        uint8_t bytes[8];
        int32_t status = h->random(h->ctx, bytes, sizeof bytes);
        int32_t none = h->random(h->ctx, 0, 8);
        return say(ticket, none == 1 ? status : 5, (slice){ bytes, sizeof bytes });
    }
    if (is(method, "logs")) {
        h->log(h->ctx, 2, request);
        return say(ticket, h->now_ms(h->ctx) == 1234 ? 0 : 5, text(""));
    }
    say(ticket, 7, method);
}

static void destroy(void *instance) {
    if (*(int *)instance > 0) (void)!write(*(int *)instance, "d", 1);
    free(instance);
}

static const plugin offered = { MAGIC, MAJOR, 0, SIZE, FLAGS, manifest, create,
#ifdef NULL_CALL
    0,
#else
    call,
#endif
    destroy };

const plugin *SYMBOL(void) {
#ifdef NULL_TABLE
    return 0;
#endif
    return &offered;
}
