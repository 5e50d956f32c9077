/* gatewright.h: an authenticator of your own as a shared library.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A library exports one function, gatewright_plugin_v1. It gives a table of four functions: `manifest` says what the
 * authenticator is, `create` makes an instance from its configuration, `call` does one step, `destroy` ends the
 * instance. Bytes go in and bytes come out: requests and replies are JSON (RFC 8259, UTF-8). Nothing else is needed:
 * no library of ours, no certain compiler. `gatewright plugin new NAME --lang c` writes a folder to begin with,
 * `gatewright plugin check FILE` says whether a host would take the library, and why not.
 *
 * An authenticator is a function of data. What it knows of a person lies in a credential document, which the host
 * keeps, seals and hands in with each call; what it must remember between two steps lies in `state`, sealed too. It
 * has no files, no sockets, no clock. What it returns, the host does: all of it or nothing, in one transaction.
 *
 * C99 and later, C++11 and later. 64 bit, little endian: what the host loads.
 */
#ifndef GATEWRIGHT_H
#define GATEWRIGHT_H

#include <stddef.h>
#include <stdint.h>

#if UINTPTR_MAX != 0xffffffffffffffffu
#error "Gatewright loads 64-bit libraries: compile with -m64"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

/* First number of struct gatewright_plugin. */
#define GATEWRIGHT_MAGIC 0x54475747u
/* What a library and a host must have in common; it is in the name of the entry function too. */
#define GATEWRIGHT_MAJOR 1
/* Grows when something is appended to one of the structs: `size` says how much of it is there. */
#define GATEWRIGHT_MINOR 0
/* Version of the JSON below: `contract` in the manifest. */
#define GATEWRIGHT_CONTRACT 1
/* The largest request, reply, manifest or message, in bytes. What is larger counts as a broken word. */
#define GATEWRIGHT_MAX_BYTES 1048576
/* The longest name of a method, in bytes. */
#define GATEWRIGHT_MAX_METHOD 64

/* How a call ended. A wrong answer of a person is *not* an error: it is GATEWRIGHT_OK with "outcome":"refused". With
 * any other status the reply is an explanation, as JSON
 *     {"message":"in words","field":"dotted.path","retry_after_ms":1000}
 * (only `message` must be there) or as plain text, which is then the message. Never a secret in it: it is logged. */
enum gatewright_status {
    /* There is a reply. */
    GATEWRIGHT_OK = 0,
    /* What the person sent does not have its shape. 400; message and field are shown to them: repeat no value. */
    GATEWRIGHT_BAD_REQUEST = 1,
    /* Something that is needed does not answer now. 503. */
    GATEWRIGHT_UNAVAILABLE = 2,
    /* Somebody else was first (kv.cas). From a plugin: 409. */
    GATEWRIGHT_CONFLICT = 3,
    /* `create`: the configuration is wrong; `field` is the key. The host stops with its file and line. */
    GATEWRIGHT_CONFIG = 4,
    /* A bug, damaged data. 503, without the message: the step can be tried again. */
    GATEWRIGHT_INTERNAL = 5,
    /* The plugin panicked (libraries in Rust). */
    GATEWRIGHT_PANIC = 6,
    /* There is no such method: the right answer to a name that you don't know. */
    GATEWRIGHT_UNKNOWN_METHOD = 7,
    /* The manifest did not ask for it (`needs`). */
    GATEWRIGHT_NOT_PERMITTED = 8
};

/* Levels of a log line. */
enum gatewright_level {
    GATEWRIGHT_DEBUG = 0,
    GATEWRIGHT_INFO = 1,
    GATEWRIGHT_WARN = 2,
    GATEWRIGHT_ERROR = 3
};

/* ---- Types ------------------------------------------------------------------------------------------------------ */

/* Bytes that somebody else owns: valid during the call that they are passed to, and not ended by a zero. Who wants
 * them longer copies them. Nobody frees memory of the other side. `ptr` may be null where `len` is 0. */
typedef struct gatewright_slice {
    const uint8_t *ptr;
    size_t len;
} gatewright_slice;

/* How a question to the host ended: GATEWRIGHT_OK and the answer, or another status and an explanation. `user` is what
 * was passed to `call`. */
typedef void (*gatewright_host_done)(void *user, int32_t status, gatewright_slice reply);

/* What the host offers. It lives as long as the instance; everything in it may be called from any thread. */
typedef struct gatewright_host {
    uint32_t size;  /* of this struct; a member behind it is not there */
    uint16_t major; /* GATEWRIGHT_MAJOR of the host */
    uint16_t minor;
    void *ctx; /* the first argument of each function here */

    /* A line for the operator, UTF-8, marked with the plugin's id. Never a secret, a code, a document. Control
     * characters are escaped, what is long is cut, what is too much is dropped. Needs "log". */
    void (*log)(void *ctx, uint32_t level, gatewright_slice message);

    /* Milliseconds since 1970-01-01T00:00:00Z. During a call prefer scope.now, which stays the same through it. */
    uint64_t (*now_ms)(void *ctx);

    /* Fills the buffer from the cryptographic random number generator. A status: anything but GATEWRIGHT_OK leaves the
     * buffer as it was, so look at it. Needs "random". */
    int32_t (*random)(void *ctx, uint8_t *buffer, size_t len);

    /* Asks for something by name ("Questions to the host", below). `done` is called exactly once, perhaps before this
     * returns, perhaps on another thread. Method and args are copied before it returns. */
    void (*call)(void *ctx, gatewright_slice method, gatewright_slice args, void *user, gatewright_host_done done);

    /* Says how a call of the host ended, by the ticket that came with it. The reply is copied before it returns. */
    void (*done)(void *ctx, uint64_t ticket, int32_t status, gatewright_slice reply);
} gatewright_host;

/* What a library offers. A constant; it lives as long as the library, which is never unloaded. */
typedef struct gatewright_plugin {
    uint32_t magic; /* GATEWRIGHT_MAGIC */
    uint16_t major; /* GATEWRIGHT_MAJOR */
    uint16_t minor; /* GATEWRIGHT_MINOR */
    uint32_t size;  /* sizeof(gatewright_plugin) */
    uint32_t flags; /* 0 */

    /* The manifest, JSON: see "Manifest". Always the same bytes; asked for before there is an instance. */
    gatewright_slice (*manifest)(void);

    /* Makes an instance from the table [plugins.<id>] as JSON, without the keys of the host and with your defaults
     * filled in. Calls host->done with `ticket` exactly once *before it returns*: GATEWRIGHT_OK and the instance is
     * returned, or GATEWRIGHT_CONFIG (or another status) and null. Keep `host`, it lives as long as the instance. */
    void *(*create)(const gatewright_host *host, gatewright_slice config, uint64_t ticket);

    /* Does one step: see "Methods". Ends with exactly one host->done with `ticket`, before it returns or later, on
     * this thread or on another. May be called from several threads at the same time and while earlier calls have not
     * ended: what an instance changes after `create` needs a lock. */
    void (*call)(void *instance, gatewright_slice method, gatewright_slice request, uint64_t ticket);

    /* Ends the instance. No call is under way and none follows. Not called where the process just ends. */
    void (*destroy)(void *instance);
} gatewright_plugin;

/* Compile with -fvisibility=hidden, and mark the one function that is exported:
 *     GATEWRIGHT_EXPORT const gatewright_plugin *gatewright_plugin_v1(void) { return &plugin; } */
#if defined(__GNUC__)
#define GATEWRIGHT_EXPORT __attribute__((visibility("default")))
#else
#define GATEWRIGHT_EXPORT
#endif

/* The entry. May be called more than once; never null. */
GATEWRIGHT_EXPORT const gatewright_plugin *gatewright_plugin_v1(void);

/* Bytes as a slice. */
static inline gatewright_slice gatewright_bytes(const void *ptr, size_t len) {
    gatewright_slice slice;
    slice.ptr = (const uint8_t *)ptr;
    slice.len = len;
    return slice;
}

/* A string literal as a slice, without the zero at its end. */
#define GATEWRIGHT_TEXT(literal) gatewright_bytes("" literal, sizeof(literal) - 1)

/* ---- Manifest --------------------------------------------------------------------------------------------------- *
 *
 * One JSON object. Members that are marked with a star must be there, and one that is not listed is a mistake.
 *
 *   id*                name of the table in the configuration, word in the URL, tag in the document: lower-case
 *                      letters, digits and hyphens, at most 48
 *   version*           of the plugin, "1.0.0": shown to operators
 *   contract*          GATEWRIGHT_CONTRACT
 *   about              text for the API reference, Markdown that begins with a title: "# Code sheet\n\nTen codes..."
 *   document_version   of your credential documents, from 1, which it is where it is not there. Raise it when old
 *                      documents no longer fit, and answer `migrate`
 *   needs              what you ask of the host, a list: see "Questions to the host". [] where it is not there; what is
 *                      not in it is refused and stands in the audit log
 *   sends              true: what you ask for goes to the person's mailbox or phone. Two authenticators that do are
 *                      not two factors where a lost password is replaced
 *   asking_counts      true: whoever is asked learns something to hold guesses against. The challenge is then counted as
 *                      the try, any answer ends it, and a right one takes the try back
 *   assurance          "ordinary", or left out: only what is built in may say that the server has looked itself
 *   traits*            what policies go by:
 *     amr*             authentication method references (RFC 8176), not empty: ["otp"]
 *     kind*            knowledge | possession | inherence | federation | remembered: what the proof rests on
 *     steps            where it is used unless a policy says otherwise: {"first":false,"second":true,"fallback":false},
 *                      false where it is not there; fallback: only when another second factor is enrolled, and lost
 *     phishing_resistant, many, single_use, self_service
 *                      the proof is bound to the origin that asked; a person may have several; an answer is good once
 *                      ever; people may set it up alone. false where they are not there
 *   abilities          which methods you have beside challenge, verify, describe and migrate; false where not there:
 *     enrol            invite, enrol
 *     identify         identify
 *     signal           correlate, speaks_for, signal; same_browser: what comes in must come from the browser in which
 *                      the login began (a redirect)
 *     attend           asker, attend
 *     rehearse         prove, answer; takes enrol
 *   schemas*           JSON Schemas of what goes in and out. They become the API reference, and the host holds every
 *                      body against them before you see it, and every reply before a person does. The OpenAPI 3.0
 *                      dialect, each an object, everything inlined (no $ref); `description` and `example` are shown
 *     answer*          body of the answer
 *     begin, prompt    body of the request for a challenge, what the person is shown. An empty object where not there
 *     invite, invitation, proof, reveal
 *                      with enrol, all four, and not without: body of its first request, what is shown then, body of the
 *                      second, what is shown once
 *     event            with signal: what comes in from outside
 *     ask, reply       with attend: what a device asks, what it is told
 *     config           your keys in the table [plugins.<id>] (JSON Schema draft 2020-12), each with a description. Not
 *                      library, sha256, mode, timeout_ms, slots, memory_mib, cpu_seconds, unconfined, enabled, required.
 *                      Text with "format":"password" is a secret: the operator may write {file="PATH"} or {env="NAME"}
 *                      for it, you get the text, and no listing or message shows it
 *     config_default   the table when nothing is written: a value for each key of it
 *
 * ---- Methods ---------------------------------------------------------------------------------------------------- *
 *
 * Each takes one JSON object and gives one. A member of a request that is null or empty may be absent. In a reply the
 * same holds, and one that is not known is a mistake. SCOPE and CREDENTIALS below stand for:
 *
 *   SCOPE = {"tenant":"default","transaction":"01890a5d-ac96-774b-bcce-b302099a8057","purpose":"login","now":1790000000000000,"person":{"id":"01890a5d-ac96-774b-bcce-b302099a8058","username":"ada","display_name":"Ada","email":"ada@example.com","email_verified":true},"context":null,"locale":"de","address":"192.0.2.7","peer_certificates":[],"first":false,"site":{"url":"https://id.example.com","origins":["https://id.example.com"],"rp_id":"id.example.com","name":"Example"},"pseudonym":[7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7],"claimed":"Ada","asker":{"client":"my-shop","request":null,"origin":"https://id.example.com"},"keypad":{"pin":6,"pattern":3,"order":["PIN","PATTERN"],"show_pin":true}}
 *   CREDENTIALS = [{"id":"01890a5d-ac96-774b-bcce-b302099a8059","label":"blue","created":1790000000000000,"last_used":null,"doc":{"n":1}}]
 *
 * scope
 *   tenant             whose login it is; to be named in kv.get and kv.cas
 *   transaction        the conversation; the same from challenge to verify
 *   purpose            login | elevate | enrol | provision | link | reset | update-email | attend
 *   now                the time, in *microseconds* since 1970-01-01T00:00:00Z
 *   person             null where the host knows nobody or may not say so; email and display_name may be null
 *   context            what the caller says that is being approved; not trusted
 *   locale, address    language of the person (BCP 47), address of the client; may be null
 *   peer_certificates  chain of a TLS client certificate, each a list of bytes (DER), the leaf first
 *   first              nothing has been proven before this step
 *   site               where the tenant is found from outside
 *   pseudonym          32 bytes that stand for the name that was claimed, whether somebody has it or not
 *   claimed            the login name as it was typed; null where nobody was named
 *   asker              client: the program that asks; request: the authorization request that it is for; origin: the page
 *                      that asks, where it is one of the tenant's own. Each may be null
 *   keypad             what the tenant asks of a secret of several parts: pin, its digits, and pattern, its points on a
 *                      side, null where there is none; order; show_pin
 * credentials          what the person has of yours: id (to be named in changes and in `credential`), the label that
 *                      they gave it, created and last_used (microseconds), doc (your document). *Empty for somebody
 *                      who does not exist, is locked, disabled or not enrolled*: do the same work all the same and show
 *                      the same, or the time or the prompt tells them apart. What must be shown to nobody comes from
 *                      scope.pseudonym, which is the same at each try
 *
 * challenge     asks the person something. Where state and effects are empty, the person may answer without asking.
 *   takes {"scope":SCOPE,"credentials":CREDENTIALS,"begin":{}}
 *   gives {"prompt":{"position":3},"state":{"position":3},"expires_in_ms":300000}
 *         wake (a text under which `correlate` finds this challenge), changes, send
 * verify        judges the answer.
 *   takes {"scope":SCOPE,"credentials":CREDENTIALS,"state":{"position":3},"answer":{"code":"12345678"}}
 *   gives {"outcome":"accepted","credential":"01890a5d-ac96-774b-bcce-b302099a8059"}
 *         amr (in the place of the declared ones), user_verified (the device checked the person itself), claims (of an
 *         upstream provider), renew (right for the last time: a new one must be set up), reveal (shown once), changes,
 *         send. `credential` is one of those in the call; absent only where there is none
 *   gives {"outcome":"refused","why":"wrong"}
 *         why: wrong | replayed | cloned | expired | not_enrolled | declined | concern, for the audit log. changes and
 *         send are done all the same
 *   gives {"outcome":"pending","state":{"asked":1},"retry_after_ms":2000}
 *         nobody has decided yet. The person asks again: where there is the ability signal, by the answer {}
 *   gives {"outcome":"continue","prompt":{"position":4},"state":{"position":4}}
 *         another round
 * invite        begins an enrolment.
 *   takes {"scope":SCOPE,"credentials":CREDENTIALS,"invite":{}}
 *   gives {"invitation":{},"draft":{},"expires_in_ms":600000}
 *         wake, changes, send as with challenge
 * enrol         ends it. Where `many` is false the new credential takes the place of the old.
 *   takes {"scope":SCOPE,"credentials":CREDENTIALS,"draft":{},"proof":{}}
 *   gives {"outcome":"enrolled","credential":{"n":1},"reveal":{"codes":["12345678"]},"label":"blue"}
 *         credential: the document to keep; lookup (a text, unique in the tenant, that finds it without the person)
 *   gives {"outcome":"rejected","violations":[{"code":"too_short","message":"At least 8 characters."}]}
 *         the person can do something about it; the draft stays good
 *   gives {"outcome":"pending","retry_after_ms":2000}
 * describe      what the owner and administrators may see of a credential: an object, nothing secret in it.
 *   takes {"doc":{"n":1}}
 *   gives {"details":{"left":9}}
 * migrate       brings a document of version `from` to document_version. Anything but GATEWRIGHT_OK leaves it alone.
 *   takes {"from":1,"doc":{"n":1}}
 *   gives {"doc":{"number":1}}
 * identify      (identify) the answer says whose it is; before verify, without credentials. lookup null: nobody.
 *   takes {"scope":SCOPE,"state":{},"answer":{"key":"abc"}}
 *   gives {"lookup":"abc","state":{}}
 * correlate     (signal) which challenge an event is for: the `wake` that it was given.
 *   takes {"event":{"id":"abc"}}
 *   gives {"lookup":"abc"}
 * speaks_for    (signal) whose event it says it is, where the login knows nobody yet. Proves nothing.
 *   takes {"event":{"id":"abc"}}
 *   gives {"lookup":null}
 * signal        (signal) the state after the event; the next verify decides.
 *   takes {"scope":SCOPE,"credentials":CREDENTIALS,"state":{"asked":1},"event":{"id":"abc"}}
 *   gives {"outcome":"moved","state":{"approved":true}}
 *   gives {"outcome":"refused"}
 * asker         (attend) the lookup that the asking credential says it is stored under. Proves nothing.
 *   takes {"ask":{"key":"abc"}}
 *   gives {"lookup":"abc"}
 * attend        (attend) answers a device. One credential, or none where the lookup is nobody's: it must look the same.
 *   takes {"scope":SCOPE,"credentials":CREDENTIALS,"ask":{"key":"abc"}}
 *   gives {"outcome":"answered","reply":{"waiting":0}}
 *   gives {"outcome":"refused"}
 * prove         (rehearse) what a person would send to end an enrolment; for tests, from what the person was shown.
 *   takes {"invitation":{},"now":1790000000000000}
 *   gives {"rehearsed":{}}
 * answer        (rehearse) what a person would answer; turn counts the answers so far. null: can't be told.
 *   takes {"invitation":{},"reveal":{"codes":["12345678"]},"prompt":{"position":1},"now":1790000000000000,"turn":0}
 *   gives {"rehearsed":{"code":"12345678"}}
 *
 * Effects of challenge, verify and invite (all of them with the step, or nothing):
 *   changes  of the person's credentials. Where somebody else has changed the same one since, the step is asked anew
 *            with what is there now: what is good once is spent by a change.
 *   gives {"changes":[{"change":"replace","id":"01890a5d-ac96-774b-bcce-b302099a8059","doc":{"n":2}}]}
 *   gives {"changes":[{"change":"remove","id":"01890a5d-ac96-774b-bcce-b302099a8059"}]}
 *   gives {"changes":[{"change":"add","doc":{"n":1},"label":"blue","lookup":"abc"}]}
 *   send     messages to a person; needs "send:CHANNEL". To nobody ("to":"") where there is nobody: it costs the same.
 *   gives {"send":[{"channel":"smtp","to":"ada@example.com","template":"code","values":{"code":"123456"},"expires_in_ms":300000}]}
 *
 * ---- Questions to the host -------------------------------------------------------------------------------------- *
 *
 * What is in `needs` may be asked. Anything else ends with GATEWRIGHT_NOT_PERMITTED and stands in the audit log, a
 * method that this host does not have with GATEWRIGHT_UNKNOWN_METHOD.
 *
 *   "log", "random"    the functions of struct gatewright_host
 *   "kv"               values of this plugin and tenant. Only a tenant whose call is under way may be named. Values are
 *                      base64 (RFC 4648, section 4), up to 64 KiB; keys up to 256 bytes
 *                        kv.get {"tenant":"default","key":"k"}                gives {"rev":3,"value":"AQI="}, or null
 *                        kv.cas {"tenant":"default","key":"k","expect":3,"value":"AQI=","ttl_ms":60000}
 *                               gives {"rev":4}; GATEWRIGHT_CONFLICT where it is not at `expect` (null: not there)
 *   "http:HOST[:PORT]" requests to exactly that host, through the host's guarded way out; one entry for each
 *                        http.fetch {"method":"POST","url":"https://HOST/path","headers":{"accept":"text/plain"},
 *                                    "body":"text","limit":16384}
 *                               gives {"status":200,"headers":{"content-type":"text/plain"},"body":"hi"}
 *                      body_base64 in the place of body for bytes, both ways; limit: the longest answer, up to 262144.
 *                      Private networks are refused unless the operator has listed them
 *   "send:CHANNEL"     `send` in a reply, by this channel
 *   "ldap.bind"...     a method of a service of the host, by its name; `gatewright plugin check` says what there is
 *
 * ---- Limits ----------------------------------------------------------------------------------------------------- *
 *
 * A state, a draft, a document: 64 KiB. details, claims: 16 KiB. A label: 64 characters. lookup and wake: 1 to 512
 * bytes. changes: 32, only of credentials in the call. send: 4 messages of 16 values of 4 KiB. violations: 16, each
 * message 500 bytes. Times: a day. amr: 8 words of 32 lower-case letters, digits, `_`, `-` and `.`. about: 64 KiB.
 *
 * ---- Faults ----------------------------------------------------------------------------------------------------- *
 *
 * What does not end within `timeout_ms` (2 s), ends with a reply that is no reply or that its schema does
 * not fit, or dies on the way, has broken its word: the person gets 503, the operator a line in the log, nothing is
 * stored and nobody is let in. A second end of one call, an end of a call that is over, and a ticket that was never
 * given out are counted and ignored.
 *
 * mode = "isolated" (the default): the library runs in a process of its own with `slots` threads, made anew after a
 * crash and after a deadline. Calls that were under way beside the one that crashed it may be asked once more: `call`
 * must not count on being called once. In it: no sockets, no other programs, no new processes (threads are fine), no
 * signals to others, opens no files but the system's libraries, nothing to write, no shared memory, no environment, no
 * descriptors, memory_mib of memory. What is not allowed fails with EPERM or EACCES, in constructors too.
 * mode = "pool": on threads of the server. A crash is the server's crash, and a call that never ends keeps its thread.
 */

#ifdef __cplusplus
}
#endif

#endif
