//! What can be wrong with a step, and what it costs.

use kit::{CheapLibrary, cargo_library, entry};

/// A library with one fault.
pub(super) struct Case {
    /// Its table.
    pub(super) id: &'static str,
    /// Its place in the list.
    pub(super) number: usize,
    /// The fault.
    pub(super) name: String,
    /// Of the configuration.
    pub(super) table: String,
    /// The right answer.
    pub(super) answer: &'static str,
    /// What whoever meets it gets.
    pub(super) status: u16,
    /// Whether its process ends with it.
    pub(super) dies: bool,
    /// Whether it is the challenge that goes wrong.
    pub(super) at_challenge: bool,
    /// What it was refused, in the audit log.
    pub(super) refused: Option<&'static str>,
    /// What the log says of it, besides.
    pub(super) says: Option<&'static str>,
    /// How often it is met at most.
    pub(super) most: usize,
    /// Held as long as it is used.
    _library: Option<CheapLibrary>,
}

/// Costs the request that met it.
const COSTS: u16 = 503;
/// Costs nothing.
const NOTHING: u16 = 200;

/// Of the fault plugin, at `verify`: what is wrong, what that costs, whether the process ends.
const RUST: [(&str, u16, bool); 25] = [
    ("none", NOTHING, false),
    ("panic", COSTS, false),
    ("panic_after", COSTS, false),
    ("panic_twice", COSTS, false),
    ("segfault", COSTS, true),
    ("exit", COSTS, true),
    ("abort", COSTS, true),
    ("block", COSTS, true),
    ("loop", COSTS, true),
    ("overflow", COSTS, true),
    ("memory", COSTS, true),
    ("never", COSTS, true),
    ("forgotten", COSTS, false),
    ("thread", NOTHING, false),
    ("slow", NOTHING, false),
    ("odd_prompt", COSTS, false),
    ("large", COSTS, false),
    ("undeclared_random", COSTS, false),
    ("undeclared_http", COSTS, false),
    ("undeclared_service", COSTS, false),
    ("other_tenant", COSTS, false),
    ("file", COSTS, false),
    ("socket", COSTS, false),
    ("program", COSTS, false),
    ("environment", COSTS, false),
];

/// Of the same, at `challenge`.
const AT_CHALLENGE: [(&str, u16, bool); 4] = [
    ("panic", COSTS, false),
    ("segfault", COSTS, true),
    ("odd_prompt", COSTS, false),
    ("large", COSTS, false),
];

/// Of the cheap factor in C.
const C: [(&str, u16, bool); 33] = [
    ("NONE", NOTHING, false),
    ("MANIFEST_CHANGES", NOTHING, false),
    ("NEVER_COMPLETES", COSTS, true),
    ("COMPLETES_TWICE", NOTHING, false),
    // Its first answer is a refusal.
    ("COMPLETES_LATER_TWICE", 401, false),
    ("FORGED_TICKET", NOTHING, false),
    ("CRASHES", COSTS, true),
    ("LOOPS", COSTS, true),
    ("EXITS", COSTS, true),
    ("REPLY_EMPTY", COSTS, false),
    ("REPLY_NO_JSON", COSTS, false),
    ("REPLY_NO_OUTCOME", COSTS, false),
    ("REPLY_UNKNOWN_MEMBER", COSTS, false),
    ("REPLY_OTHER_CREDENTIAL", COSTS, false),
    ("REPLY_OTHER_CHANGE", COSTS, false),
    ("REPLY_UNDECLARED_SEND", COSTS, false),
    ("REPLY_BREAKS_SCHEMA", COSTS, false),
    ("REPLY_TOO_LARGE", COSTS, false),
    ("REPLY_DEEP", COSTS, false),
    ("REPLY_NO_UTF8", COSTS, false),
    ("REPLY_UNKNOWN_STATUS", COSTS, false),
    ("REPLY_NULL_SLICE", COSTS, false),
    ("ASKS_KV_UNDECLARED", NOTHING, false),
    ("ASKS_KV_OF_OTHER_TENANT", NOTHING, false),
    ("ASKS_HTTP_OF_OTHER_HOST", NOTHING, false),
    ("ASKS_RANDOM_UNDECLARED", NOTHING, false),
    ("ASKS_UNKNOWN_SERVICE", NOTHING, false),
    ("ASKS_NO_JSON", NOTHING, false),
    ("ASKS_LONG_METHOD", NOTHING, false),
    ("LOG_FLOOD", NOTHING, false),
    ("LOG_CONTROL", NOTHING, false),
    ("LOG_LONG", NOTHING, false),
    ("LOG_UNDECLARED", NOTHING, false),
];

/// All of the fault plugin.
pub(super) fn of_rust() -> Vec<Case> {
    let library = cargo_library("fault-plugin");
    let at_verify = RUST.map(|(name, status, dies)| (name, "verify", status, dies));
    let at_challenge = AT_CHALLENGE.map(|(name, status, dies)| (name, "challenge", status, dies));
    let all = at_verify.into_iter().chain(at_challenge).enumerate();
    let case = |(number, (name, when, status, dies)): (usize, (&str, &str, u16, bool))| {
        let more = format!(
            "fault = \"{name}\"\nwhen = \"{when}\"\nslow_ms = 50\ntimeout_ms = {}\nmemory_mib = 256\n",
            within(name)
        );
        Case {
            id: "fault",
            number,
            name: if when == "verify" { name.to_owned() } else { format!("{name} (challenge)") },
            table: entry("fault", &library, &more),
            answer: "right",
            status,
            dies,
            at_challenge: when == "challenge",
            refused: refused(name),
            says: says(name),
            // Each time it leaves something behind that uses a processor.
            most: if name == "thread" { 1 } else { 10 },
            _library: None,
        }
    };
    all.map(case).collect()
}

/// All of the factor in C.
pub(super) fn of_c() -> Vec<Case> {
    let case = |(number, (name, status, dies)): (usize, (&'static str, u16, bool))| {
        let library = match name {
            "NONE" => CheapLibrary::version(1),
            fault => CheapLibrary::with_fault(fault),
        };
        Case {
            id: CheapLibrary::ID,
            number,
            name: name.to_owned(),
            table: format!("{}timeout_ms = {}\n", library.table(), within(name)),
            answer: CheapLibrary::CODE,
            status,
            dies,
            at_challenge: name == "REPLY_BREAKS_SCHEMA",
            refused: refused(name),
            says: None,
            most: 10,
            _library: Some(library),
        }
    };
    C.into_iter().enumerate().map(case).collect()
}

/// Little time for what never ends; for all else so much that a busy machine does not matter.
fn within(fault: &str) -> u32 {
    match fault {
        "block" | "loop" | "never" | "NEVER_COMPLETES" | "LOOPS" => 300,
        _ => 10_000,
    }
}

fn refused(fault: &str) -> Option<&'static str> {
    Some(match fault {
        "undeclared_random" | "ASKS_RANDOM_UNDECLARED" => "need:random",
        "undeclared_http" => "need:http:example.com",
        "undeclared_service" => "need:service:ldap.bind",
        "other_tenant" | "ASKS_KV_OF_OTHER_TENANT" => "need:tenant:somebody-else",
        "ASKS_KV_UNDECLARED" => "need:kv",
        "ASKS_HTTP_OF_OTHER_HOST" => "need:http:other.example",
        "REPLY_UNDECLARED_SEND" => "need:send:smtp",
        "LOG_UNDECLARED" => "need:log",
        _ => return None,
    })
}

/// That it could not, in words; where it could it says that.
fn says(fault: &str) -> Option<&'static str> {
    Some(match fault {
        "file" => "it could not read a file",
        "socket" => "it could not open a connection",
        "program" => "it could not start a program",
        "environment" => "the environment is empty",
        _ => return None,
    })
}
