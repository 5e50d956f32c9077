/* A plugin that does whatever a plugin must not do: the method says what, the request where there is more to say. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef struct { const uint8_t *ptr; size_t len; } slice;
typedef void (*host_done)(void *user, int32_t status, slice reply);
typedef struct {
    uint32_t size;
    uint16_t major, minor;
    void *ctx;
    void (*log)(void *, uint32_t, slice);
    uint64_t (*now_ms)(void *);
    int32_t (*random)(void *, uint8_t *, size_t);
    void (*call)(void *, slice method, slice args, void *user, host_done);
    void (*done)(void *, uint64_t ticket, int32_t status, slice reply);
} host;
typedef struct {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t size, flags;
    slice (*manifest)(void);
    void *(*create)(const host *, slice config, uint64_t ticket);
    void (*call)(void *, slice method, slice request, uint64_t ticket);
    void (*destroy)(void *);
} plugin;

static const host *h;

static slice text(const char *s) { return (slice){ (const uint8_t *)s, strlen(s) }; }
static int is(slice s, const char *word) { return s.len == strlen(word) && !memcmp(s.ptr, word, s.len); }
static void say(uint64_t ticket, int32_t status, slice reply) { h->done(h->ctx, ticket, status, reply); }

#ifdef ABORTS_WHEN_LOADED
__attribute__((constructor)) static void at_once(void) { abort(); }
#endif

static slice manifest(void) { return text("{\"id\":\"faults\"}"); }

static void unheard(void *user, int32_t status, slice reply) { (void)user, (void)status, (void)reply; }

static void *create(const host *given, slice config, uint64_t ticket) {
    h = given;
    if (is(config, "exits")) exit(3);
    if (is(config, "refuses")) {
        say(ticket, 4, text("{\"field\":\"digits\",\"message\":\"at most 8\"}"));
        return 0;
    }
    if (is(config, "refuses loudly")) {
        say(ticket, 4, text("{\"field\":\"a\\u001b[2J\",\"message\":\"b\\nERROR \\u001b]0;c\\u0007\"}"));
        return 0;
    }
    if (is(config, "ends loudly")) {
        say(ticket, 1, text("b\nERROR \x1b]0;c\x07"));
        return 0;
    }
    if (is(config, "asks without end")) for (;;) h->call(h->ctx, text("slow"), text(""), 0, unheard);
    if (is(config, "talks without end")) for (;;) h->log(h->ctx, 2, text("blah"));
    say(ticket, 0, text(""));
    return malloc(1);
}

static volatile int never;

static int deep(int n) {
    volatile char room[4096];
    room[0] = n;
    return n < 0 ? 0 : deep(n + 1) + room[0];
}

static void answered(void *user, int32_t status, slice reply) {
    say((uint64_t)(uintptr_t)user, status, reply);
}

static void endless(void) {
    while (!never) {}
}

static void *idle(void *unused) {
    for (;;) pause();
    return unused;
}

static void burn(void) {
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    while ((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 < 800);
}

/* Threads until there are no more; how many. */
static int threads(size_t stack) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (stack) pthread_attr_setstacksize(&attributes, stack);
    int many = 0;
    for (pthread_t thread; many < 100000; many++)
        if (pthread_create(&thread, &attributes, idle, 0)) break;
    return many;
}

static long clone3_process(void) {
    struct clone_args args = { .exit_signal = SIGCHLD };
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) _exit(0);
    return pid;
}

static long child(long pid) {
    if (pid == 0) _exit(0);
    return pid;
}

static int opens(const char *path, int flags) { return open(path, flags, 0600); }

static int environment(void) {
    extern char **environ;
    int many = 0;
    for (char **each = environ; each && *each; each++) many++;
    return many;
}

static long memory_of(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    return opens(path, O_RDONLY);
}

/* How many descriptors are open beside the three streams, the socket's copies and the library. */
static long descriptors(void) {
    long many = 0;
    for (int fd = 0; fd < 64; fd++) many += fcntl(fd, F_GETFD) >= 0;
    return many;
}

static long reads_the_parent(void) {
    char here[8];
    struct iovec local = { here, sizeof here }, remote = { (void *)&never, sizeof here };
    return process_vm_readv(getppid(), &local, 1, &remote, 1, 0);
}

static long attempt(const char *what) {
    struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
    char *const none[] = { "/bin/true", 0 };
    int pair[2];
    char space[4096];
    if (!strncmp(what, "read ", 5)) return opens(what + 5, O_RDONLY);
    if (!strncmp(what, "write ", 6)) return opens(what + 6, O_WRONLY | O_CREAT);
    if (!strncmp(what, "list ", 5)) return opendir(what + 5) ? 0 : -1;
    if (!strcmp(what, "temporary")) return opens("/tmp", O_TMPFILE | O_RDWR);
    if (!strcmp(what, "socket")) return socket(AF_INET, SOCK_STREAM, 0);
    if (!strcmp(what, "unix socket")) return socket(AF_UNIX, SOCK_DGRAM, 0);
    if (!strcmp(what, "netlink")) return socket(AF_NETLINK, SOCK_RAW, 0);
    if (!strcmp(what, "socketpair")) return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    if (!strcmp(what, "sendmsg")) return send(0, "x", 1, 0);
    if (!strcmp(what, "execve")) return execve(none[0], none, none + 1);
    if (!strcmp(what, "fork")) return child(fork());
    if (!strcmp(what, "plain fork")) return child(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    if (!strcmp(what, "clone3")) return clone3_process();
    if (!strcmp(what, "kill parent")) return kill(getppid(), SIGKILL);
    if (!strcmp(what, "kill all")) return kill(-1, SIGKILL);
    if (!strcmp(what, "kill group")) return kill(0, SIGKILL);
    if (!strcmp(what, "tgkill parent")) return syscall(SYS_tgkill, getppid(), getppid(), SIGKILL);
    if (!strcmp(what, "tkill parent")) return syscall(SYS_tkill, getppid(), SIGKILL);
    if (!strcmp(what, "own signals to the parent")) return fcntl(0, F_SETOWN, getppid());
    if (!strcmp(what, "pidfd")) return syscall(SYS_pidfd_open, getppid(), 0);
    if (!strcmp(what, "ptrace")) return ptrace(PTRACE_ATTACH, getppid(), 0, 0);
    if (!strcmp(what, "memory of the parent")) return memory_of(getppid());
    if (!strcmp(what, "other memory of the parent")) return reads_the_parent();
    if (!strcmp(what, "limit")) return setrlimit(RLIMIT_NOFILE, &limit);
    if (!strcmp(what, "limit of the parent")) return prlimit(getppid(), RLIMIT_AS, &limit, 0);
    if (!strcmp(what, "dumpable")) return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (!strcmp(what, "outlive")) return prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
    if (!strcmp(what, "unshare")) return unshare(CLONE_NEWUSER);
    if (!strcmp(what, "mount")) return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, 0);
    if (!strcmp(what, "chroot")) return chroot("/usr/lib");
    if (!strcmp(what, "io_uring")) return syscall(SYS_io_uring_setup, 1, space);
    if (!strcmp(what, "bpf")) return syscall(SYS_bpf, 0, space, 64);
    if (!strcmp(what, "perf")) return syscall(SYS_perf_event_open, space, 0, -1, -1, 0);
    if (!strcmp(what, "keyctl")) return syscall(SYS_keyctl, 0, 0, 0, 0, 0);
    if (!strcmp(what, "userfaultfd")) return syscall(SYS_userfaultfd, 0);
    if (!strcmp(what, "module")) return syscall(SYS_init_module, space, 1, "");
    if (!strcmp(what, "memfd")) return syscall(SYS_memfd_create, "x", 0);
    if (!strcmp(what, "shared memory"))
        return mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
    if (!strcmp(what, "old shared memory")) return syscall(SYS_shmget, 0, 4096, 0600 | 01000);
#ifdef __x86_64__
    if (!strcmp(what, "x32 socket")) return syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0);
#endif
    /* What must still work. */
    if (!strcmp(what, "nothing")) return 0;
    if (!strcmp(what, "environment")) return environment();
    if (!strcmp(what, "descriptors")) return descriptors();
    if (!strcmp(what, "threads")) return threads(0);
    if (!strcmp(what, "small threads")) return threads(PTHREAD_STACK_MIN);
    if (!strcmp(what, "timer")) return syscall(SYS_timer_create, CLOCK_MONOTONIC, 0, &pair);
    if (!strcmp(what, "signal itself")) return kill(getpid(), 0);
    if (!strcmp(what, "folder")) return getcwd(space, sizeof space) && !strcmp(space, "/") ? 0 : -1;
    errno = 0;
    return -2;
}

static void bomb(void) {
    for (size_t sum = 0;; sum += 1 << 20) {
        void *more = malloc(1 << 20);
        /* What it got is what its limit lets it have. */
        if (!more) _exit(sum >> 20 > 200 ? 1 : 42);
        memset(more, 1, 1 << 20);
    }
}

static void raw(const uint8_t *bytes, size_t len) { (void)!write(0, bytes, len); }

/* A frame of this operation and nothing in it. */
static void say_raw(uint8_t op) {
    uint8_t frame[24] = { 0, 0, 0, 0, op };
    raw(frame, sizeof frame);
}

static void call(void *instance, slice method, slice request, uint64_t ticket) {
    static uint8_t junk[1 << 16];
    char copy[4096] = { 0 }, out[64];
    (void)instance;
    memcpy(copy, request.ptr, request.len < sizeof copy ? request.len : sizeof copy - 1);
    if (is(method, "echo")) return say(ticket, 0, request);
    if (is(method, "pid")) {
        snprintf(out, sizeof out, "%d", getpid());
        return say(ticket, 0, text(out));
    }
    if (is(method, "attempt")) {
        long got = attempt(copy);
        snprintf(out, sizeof out, "%ld %s", got, got == -1 ? strerrorname_np(errno) : "-");
        return say(ticket, 0, text(out));
    }
    if (is(method, "fails")) return say(ticket, 3, text("somebody else was first"));
    if (is(method, "asks") || is(method, "asks and changes")) {
        slice what = is(method, "asks") ? text("kv.get") : text("kv.cas");
        return h->call(h->ctx, what, request, (void *)(uintptr_t)ticket, answered);
    }
    if (is(method, "asks and stays")) return h->call(h->ctx, text("kv.get"), request, 0, unheard);
    if (is(method, "asks without end")) {
        for (int i = 0; i < 200; i++) h->call(h->ctx, text("slow"), request, 0, answered);
        return h->call(h->ctx, text("slow"), request, (void *)(uintptr_t)ticket, answered);
    }
    if (is(method, "random")) {
        uint8_t bytes[16] = { 0 };
        int32_t status = h->random(h->ctx, bytes, sizeof bytes);
        return say(ticket, status, (slice){ bytes, sizeof bytes });
    }
    if (is(method, "logs")) {
        for (int i = 0; i < 1000; i++) h->log(h->ctx, 2, request);
        return say(ticket, 0, text(""));
    }
    if (is(method, "now")) {
        snprintf(out, sizeof out, "%llu", (unsigned long long)h->now_ms(h->ctx));
        return say(ticket, 0, text(out));
    }
    if (is(method, "segfault")) *(volatile int *)8 = 1;
    if (is(method, "exit")) exit(7);
    if (is(method, "abort")) abort();
    if (is(method, "overflow")) deep(0);
    if (is(method, "bomb")) bomb();
    if (is(method, "loop")) endless();
    if (is(method, "block")) idle(0);
    if (is(method, "burns 800 ms")) burn();
    if (is(method, "waits 900 ms")) usleep(900 * 1000);
    if (is(method, "never")) return;
    if (is(method, "strays")) {
        for (int i = 0; i < 5000; i++) say_raw(16);
        idle(0);
    }
    if (is(method, "twice")) say(ticket, 0, text("first"));
    if (is(method, "forge")) {
        for (uint64_t i = 1; i < 10; i++) say(ticket + i, 0, text("forged"));
    }
    if (is(method, "answers and dies")) {
        say(ticket, 0, text("answered"));
        abort();
    }
    if (is(method, "junk")) for (;;) raw(junk, sizeof junk);
    if (is(method, "too large")) raw((const uint8_t *)"\xff\xff\xff\xff\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
    if (is(method, "hangs up")) {
        for (int fd = 0; fd < 64; fd++) close(fd);
        idle(0);
    }
    if (is(method, "writes")) for (int i = 0; i < 100000; i++) fprintf(stderr, "%s\n", copy);
    say(ticket, 0, text("end"));
}

static void destroy(void *instance) { free(instance); }

static const plugin offered = { 0x54475747, 1, 0, sizeof(plugin), 0, manifest, create, call, destroy };

const plugin *gatewright_plugin_v1(void) { return &offered; }
