//! What goes wrong, and when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table `[plugins.fault]`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What goes wrong.
    pub fault: Fault,
    /// When it does.
    pub when: When,
    /// How long `slow` takes, in milliseconds.
    pub slow_ms: u32,
}

/// When something goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// While it is made.
    Create,
    /// At `challenge`.
    Challenge,
    /// At `verify`.
    #[default]
    Verify,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// It panics.
    Panic,
    /// It panics after it has waited for the host (`kv.get`).
    PanicAfter,
    /// It panics with a value that panics when it is dropped.
    PanicTwice,
    /// It writes where there is no memory.
    Segfault,
    /// It ends the process with status 7.
    Exit,
    /// It aborts the process.
    Abort,
    /// It sleeps for ten seconds on the thread that it was called on.
    Block,
    /// It loops for ever.
    Loop,
    /// It calls itself for ever.
    Overflow,
    /// It takes memory for as long as it gets some, 4 GiB at most.
    Memory,
    /// It never answers and holds on to the call.
    Never,
    /// It never answers and lets the call go, so that nothing is left that could wake it.
    Forgotten,
    /// It leaves a thread behind that uses a whole processor, and answers.
    Thread,
    /// It sleeps for `slow_ms` and answers.
    Slow,
    /// It shows a prompt that is not of its schema.
    OddPrompt,
    /// It replies with two MiB.
    Large,
    /// It asks for random bytes, which its manifest does not.
    UndeclaredRandom,
    /// It fetches a page of a host that its manifest does not name.
    UndeclaredHttp,
    /// It calls a service that its manifest does not name.
    UndeclaredService,
    /// It reads what it has stored for another tenant.
    OtherTenant,
    /// It reads a file (`/etc/passwd`): an error where it may not, a worse one where it may.
    File,
    /// It connects to 127.0.0.1:9 itself: an error where it may not, a worse one where it may.
    Socket,
    /// It starts a program (`/bin/true`): an error where it may not, a worse one where it may.
    Program,
    /// It lists its environment: an error where there is none, a worse one with the names where there is one.
    Environment,
}
