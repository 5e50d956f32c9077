/* Uses what the headers define, as C and as C++. */
#include "gatewright.h"
#include "gatewright_json.h"

static gatewright_slice manifest(void) { return GATEWRIGHT_TEXT("{}"); }

static void *create(const gatewright_host *host, gatewright_slice config, uint64_t ticket) {
    char buffer[64];
    gwj_value root;
    gwj_out out = gwj_into(buffer, sizeof buffer);
    gwj_raw(&out, "{\"object\":");
    gwj_raw(&out, gwj_read(config, &root) ? "true" : "false");
    gwj_raw(&out, "}");
    host->done(host->ctx, ticket, GATEWRIGHT_OK, gwj_written(&out));
    return NULL;
}

static void call(void *instance, gatewright_slice method, gatewright_slice request, uint64_t ticket) {
    (void)instance, (void)method, (void)request, (void)ticket;
}

static void destroy(void *instance) { (void)instance; }

static const gatewright_plugin plugin = {
    GATEWRIGHT_MAGIC, GATEWRIGHT_MAJOR, GATEWRIGHT_MINOR, sizeof(gatewright_plugin), 0,
    manifest, create, call, destroy,
};

const gatewright_plugin *gatewright_plugin_v1(void) { return &plugin; }
