/* What can be wrong with the cheap factor: -DFAULT=NAME. Each breaks one promise of gatewright.h and keeps the rest.
 * NONE is the factor as it should be. tests/kit/libraries.rs reads this list. */
#ifndef FAULT_H
#define FAULT_H

#define NONE 0

/* The table. */
#define WRONG_MAGIC 1
#define WRONG_MAJOR 2
#define SIZE_TOO_SMALL 3
#define FLAGS_SET 4
#define NULL_PLUGIN 5
#define NULL_FUNCTION 6
#define MISSING_SYMBOL 7

/* Before anything is asked. */
#define CONSTRUCTOR_ABORTS 10
#define CONSTRUCTOR_LOOPS 11
#define ENTRY_CRASHES 12

/* The manifest. */
#define MANIFEST_EMPTY 20
#define MANIFEST_NO_JSON 21
#define MANIFEST_DEEP 22
#define MANIFEST_TOO_LARGE 23
#define MANIFEST_CHANGES 24
#define MANIFEST_WRONG_CONTRACT 25
#define MANIFEST_OTHER_ID 26
#define MANIFEST_BAD_SCHEMA 27
#define MANIFEST_LACKS_SCHEMA 28
#define MANIFEST_UNKNOWN_NEED 29
#define MANIFEST_FRAME_KEY 30
#define MANIFEST_UNKNOWN_MEMBER 31
#define MANIFEST_NEVER 32

/* Making an instance. */
#define CREATE_NEVER_COMPLETES 40
#define CREATE_NULL 41
#define CREATE_REFUSES 42
#define CREATE_CRASHES 43
#define CREATE_LOOPS 44

/* How verify ends. */
#define NEVER_COMPLETES 50
#define COMPLETES_TWICE 51
#define COMPLETES_LATER_TWICE 52
#define FORGED_TICKET 53
#define CRASHES 54
#define LOOPS 55
#define EXITS 56

/* What verify (of BREAKS_SCHEMA: challenge) replies. */
#define REPLY_EMPTY 60
#define REPLY_NO_JSON 61
#define REPLY_NO_OUTCOME 62
#define REPLY_UNKNOWN_MEMBER 63
#define REPLY_OTHER_CREDENTIAL 64
#define REPLY_OTHER_CHANGE 65
#define REPLY_UNDECLARED_SEND 66
#define REPLY_BREAKS_SCHEMA 67
#define REPLY_TOO_LARGE 68
#define REPLY_DEEP 69
#define REPLY_NO_UTF8 70
#define REPLY_UNKNOWN_STATUS 71
#define REPLY_NULL_SLICE 72

/* What verify asks of the host. Where the host gives it, verify fails. */
#define ASKS_KV_UNDECLARED 80
#define ASKS_KV_OF_OTHER_TENANT 81
#define ASKS_HTTP_OF_OTHER_HOST 82
#define ASKS_RANDOM_UNDECLARED 83
#define ASKS_UNKNOWN_SERVICE 84
#define ASKS_NO_JSON 85
#define ASKS_LONG_METHOD 86

/* What verify logs. */
#define LOG_FLOOD 90
#define LOG_CONTROL 91
#define LOG_LONG 92
#define LOG_UNDECLARED 93

#ifndef FAULT
#define FAULT NONE
#endif

#endif
