/* The manifest of the cheap factor, and the ones that lie. */
#ifndef MANIFEST_H
#define MANIFEST_H

#include "fault.h"
#include "gatewright.h"

#include <string.h>

#ifndef VERSION
#define VERSION 1
#endif

/* Version of its documents: one that keeps those of version 1 can be taken back. */
#ifndef DOCUMENTS
#define DOCUMENTS VERSION
#endif

#if FAULT == MANIFEST_OTHER_ID
#define ID "expensive"
#elif !defined(ID)
#define ID "cheap"
#endif

#if FAULT == MANIFEST_WRONG_CONTRACT
#define CONTRACT "999"
#else
#define CONTRACT "1"
#endif

#if FAULT == MANIFEST_UNKNOWN_NEED
#define NEEDS "[\"log\",\"send:pigeon\",\"oracle.ask\"]"
#elif FAULT == ASKS_KV_OF_OTHER_TENANT
#define NEEDS "[\"log\",\"kv\"]"
#elif FAULT == ASKS_HTTP_OF_OTHER_HOST
#define NEEDS "[\"log\",\"http:listed.example\"]"
#elif FAULT == LOG_UNDECLARED
#define NEEDS "[]"
#else
#define NEEDS "[\"log\"]"
#endif

#if FAULT == MANIFEST_FRAME_KEY
#define KEY "timeout_ms"
#else
#define KEY "greeting"
#endif

#if FAULT == MANIFEST_BAD_SCHEMA
#define ANSWER "{\"type\":\"objekt\",\"properties\":7}"
#else
#define ANSWER \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"code\"],\"example\":{\"code\":\"open\"}," \
    "\"properties\":{\"code\":{\"type\":\"string\",\"maxLength\":64,\"description\":\"The word.\"}}}"
#endif

#if FAULT == MANIFEST_LACKS_SCHEMA
#define ENROL ""
#else
#define ENROL "\"invite\":" NOTHING ",\"invitation\":" NOTHING ",\"proof\":" NOTHING ",\"reveal\":" NOTHING ","
#endif

#if FAULT == MANIFEST_UNKNOWN_MEMBER
#define UNKNOWN "\"certified\":true,"
#else
#define UNKNOWN ""
#endif

/* What version 2 has more. */
#if VERSION == 2
#define NUMBER "2.0.0"
#define COLOUR ",\"colour\":{\"type\":\"string\",\"description\":\"New in version 2.\"}"
#define COLOUR_EXAMPLE ",\"colour\":\"green\""
#define COLOUR_REQUIRED ",\"colour\""
#else
#define NUMBER "1.0.0"
#define COLOUR ""
#define COLOUR_EXAMPLE ""
#define COLOUR_REQUIRED ""
#endif

#if DOCUMENTS == 2
#define DOCUMENT "2"
#else
#define DOCUMENT "1"
#endif

#define NOTHING "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"

static const char MANIFEST[] =
    "{\"id\":\"" ID "\",\"version\":\"" NUMBER "\",\"contract\":" CONTRACT ",\"document_version\":" DOCUMENT ","
    "\"about\":\"# Cheap (`cheap`)\\n\\nFor tests: who says `open` is let in.\"," UNKNOWN
    "\"needs\":" NEEDS ",\"sends\":false,"
    "\"traits\":{\"amr\":[\"otp\"],\"kind\":\"possession\",\"phishing_resistant\":false,\"many\":false,"
    "\"single_use\":false,\"self_service\":true,\"steps\":{\"first\":true,\"second\":true,\"fallback\":false}},"
    "\"abilities\":{\"enrol\":true,\"identify\":false,\"signal\":false,\"same_browser\":false,\"rehearse\":true,"
    "\"attend\":false},"
    "\"schemas\":{\"begin\":" NOTHING ",\"answer\":" ANSWER "," ENROL
    "\"prompt\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"hint\"" COLOUR_REQUIRED "],"
    "\"example\":{\"hint\":\"say the word\"" COLOUR_EXAMPLE "},"
    "\"properties\":{\"hint\":{\"type\":\"string\",\"description\":\"What to say.\"}" COLOUR "}},"
    "\"config\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"" KEY "\":"
    "{\"type\":\"string\",\"maxLength\":40,\"description\":\"The hint.\"}}},"
    "\"config_default\":{\"" KEY "\":\"say the word\"}}}";

static gatewright_slice manifest(void) {
#if FAULT == MANIFEST_EMPTY
    return gatewright_bytes(NULL, 0);
#elif FAULT == MANIFEST_NO_JSON
    return gatewright_bytes(MANIFEST, sizeof MANIFEST - 2);
#elif FAULT == MANIFEST_DEEP
    static char deep[900000];
    memset(deep, '[', sizeof deep);
    return gatewright_bytes(deep, sizeof deep);
#elif FAULT == MANIFEST_TOO_LARGE
    static char large[2 << 20];
    memset(large, ' ', sizeof large);
    memcpy(large, MANIFEST, sizeof MANIFEST - 1);
    return gatewright_bytes(large, sizeof large);
#elif FAULT == MANIFEST_CHANGES
    static char changing[sizeof MANIFEST];
    static char asked = '1';
    char *number;
    memcpy(changing, MANIFEST, sizeof MANIFEST);
    number = strstr(changing, NUMBER);
    if (number != NULL) number[0] = asked++;
    return gatewright_bytes(changing, sizeof changing - 1);
#elif FAULT == MANIFEST_NEVER
    for (volatile int forever = 1; forever;) {}
    return GATEWRIGHT_TEXT("");
#else
    return gatewright_bytes(MANIFEST, sizeof MANIFEST - 1);
#endif
}

#endif
