/* Prints what this compiler makes of the header: a name and a number a line. Compiled as C and as C++. */
#include "gatewright.h"

#include <stdio.h>

#define NUMBER(name) printf("%s %llu\n", #name, (unsigned long long)(name))
#define SIZE(type) printf("sizeof(%s) %llu\n", #type, (unsigned long long)sizeof(type))
#define OFFSET(type, member) \
    printf("%s.%s %llu+%llu\n", #type, #member, (unsigned long long)offsetof(type, member), \
           (unsigned long long)sizeof(((type *)0)->member))

int main(void) {
    SIZE(gatewright_slice);
    OFFSET(gatewright_slice, ptr);
    OFFSET(gatewright_slice, len);

    SIZE(gatewright_host);
    OFFSET(gatewright_host, size);
    OFFSET(gatewright_host, major);
    OFFSET(gatewright_host, minor);
    OFFSET(gatewright_host, ctx);
    OFFSET(gatewright_host, log);
    OFFSET(gatewright_host, now_ms);
    OFFSET(gatewright_host, random);
    OFFSET(gatewright_host, call);
    OFFSET(gatewright_host, done);

    SIZE(gatewright_plugin);
    OFFSET(gatewright_plugin, magic);
    OFFSET(gatewright_plugin, major);
    OFFSET(gatewright_plugin, minor);
    OFFSET(gatewright_plugin, size);
    OFFSET(gatewright_plugin, flags);
    OFFSET(gatewright_plugin, manifest);
    OFFSET(gatewright_plugin, create);
    OFFSET(gatewright_plugin, call);
    OFFSET(gatewright_plugin, destroy);

    NUMBER(GATEWRIGHT_MAGIC);
    NUMBER(GATEWRIGHT_MAJOR);
    NUMBER(GATEWRIGHT_MINOR);
    NUMBER(GATEWRIGHT_CONTRACT);
    NUMBER(GATEWRIGHT_MAX_BYTES);
    NUMBER(GATEWRIGHT_MAX_METHOD);
    NUMBER(GATEWRIGHT_OK);
    NUMBER(GATEWRIGHT_BAD_REQUEST);
    NUMBER(GATEWRIGHT_UNAVAILABLE);
    NUMBER(GATEWRIGHT_CONFLICT);
    NUMBER(GATEWRIGHT_CONFIG);
    NUMBER(GATEWRIGHT_INTERNAL);
    NUMBER(GATEWRIGHT_PANIC);
    NUMBER(GATEWRIGHT_UNKNOWN_METHOD);
    NUMBER(GATEWRIGHT_NOT_PERMITTED);
    return 0;
}
