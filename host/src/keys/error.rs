//! Why the key-encryption keys can't be had or don't fit. Each says what to do, none says a key.

use gatewright_contract::Fault;
use std::path::PathBuf;
use uuid::Uuid;

/// Why the keyring can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file can't be read or written.
    #[error("keyring {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Others may read it.
    #[error(
        "keyring {path} may be read by others (mode {mode:03o}): `chmod 600` it, and consider the keys known"
    )]
    Open {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is not a keyring.
    #[error("{place} is damaged ({wrong}): restore it from a backup; without it the sealed data is lost")]
    Damaged {
        /// Where the keys come from.
        place: String,
        /// What is wrong with it.
        wrong: Unfit,
    },
    /// It is gone, but data that it sealed is there.
    #[error(
        "keyring {path} is missing, but the store holds data sealed under it: restore it from a backup, or copy it \
         from another host of this database"
    )]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// The command did not give a key.
    #[error("`keys.kek_command` ({program}) {what}")]
    Command {
        /// What was run; without its arguments, which may hold a secret.
        program: String,
        /// What happened, and what it wrote to standard error.
        what: String,
    },
    /// Somebody else writes the keyring and does not come to an end.
    #[error(
        "keyring {path} is being changed by another program and stays locked: try again when that has ended"
    )]
    Locked {
        /// Which file.
        path: PathBuf,
    },
    /// The key is given from outside, so the host can't make one.
    #[error(
        "the key-encryption key comes from {place}, where no new one can be made here: put the new key there, the old \
         one beside it (`keys.kek_previous`, or a keyring in JSON), restart, and run `gatewright keys rewrap`"
    )]
    NotOurs {
        /// Where the keys come from.
        place: String,
    },
    /// Something is wrapped by a key that is not there.
    #[error(
        "the data key of tenant `{tenant}` is wrapped by the key-encryption key {wanted}, and {place} has only {held}: \
         put back the keyring that belongs to this data (all hosts of one database must have the same)"
    )]
    Foreign {
        /// Whose data.
        tenant: String,
        /// The key that is needed.
        wanted: Uuid,
        /// Where the keys come from.
        place: String,
        /// Those that are there.
        held: String,
    },
    /// The right key by name opens nothing.
    #[error(
        "the data key of tenant `{tenant}` does not open under the key-encryption key {id} of {place}: one of them is \
         damaged, restore it from a backup"
    )]
    DoesNotOpen {
        /// Whose data.
        tenant: String,
        /// The key.
        id: Uuid,
        /// Where the keys come from.
        place: String,
    },
    /// The database knows another seed.
    #[error(
        "{place} holds {held}, and what plugins keep in this database (pictures, PINs and patterns) was made under the \
         seed {known}: put back the keyring (or `keys.seed`) that has that one, from a backup or from another host; all hosts \
         of one database must have the same. If it is lost: stop all hosts, start one with \
         `GATEWRIGHT_KEYS__ACCEPT_NEW_SEED=true` (`accept_new_seed` in `[keys]`) once, and give its keyring to the \
         others; pictures, PINs and patterns must then be set up anew"
    )]
    OtherSeed {
        /// Where the keys come from.
        place: String,
        /// Which seed is there.
        held: String,
        /// Which is needed.
        known: String,
    },
    /// No randomness.
    #[error("no randomness for a new key")]
    Randomness(#[source] Fault),
}

/// Why a text holds no key-encryption key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Neither form.
    #[error("it is neither base64 of 32 bytes nor a keyring in JSON")]
    Shape,
    /// Base64 of something else.
    #[error("it is base64 of {0} bytes instead of 32")]
    Length(usize),
    /// A version that this host does not know.
    #[error("it is a keyring of version {0}, which this version does not know")]
    Version(u32),
    /// The current key is not among the keys.
    #[error("the key that it calls current is not in it")]
    Current,
    /// Two keys of one id.
    #[error("two keys in it have the same id")]
    Twice,
    /// All bytes are the same: left over from an example.
    #[error("its key is no random one")]
    Weak,
    /// The seed is no base64.
    #[error("its seed is not base64 of 64 bytes")]
    SeedShape,
    /// The seed has another length.
    #[error("its seed is base64 of {0} bytes instead of 64")]
    SeedLength(usize),
    /// All bytes of the seed are the same.
    #[error("its seed is no random one")]
    SeedWeak,
    /// Two places give a seed each.
    #[error(
        "there are two seeds, in it and in `keys.seed` or `keys.kek_previous`: leave out the one under which nothing was made"
    )]
    Seeds,
}

impl From<KeyringError> for Fault {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Command { .. } | KeyringError::Locked { .. } => {
                Self::unavailable(error.to_string())
            }
            other => Self::internal(other.to_string()),
        }
    }
}
