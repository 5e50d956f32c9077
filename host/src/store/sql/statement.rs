//! A statement as data: text that every database understands, arguments of three types, and what is
//! expected of it.

use gatewright_contract::{CredentialId, LookupKey, PersonId, SessionId, TenantId, Timestamp, TransactionId};
use gatewright_core::{
    store::{StoreError, Stored, Subject},
    throttle::CounterKey,
    token::HashedToken,
};

/// An argument. A null has a type, because PostgreSQL asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

/// What must be true of a statement's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// One row changes; otherwise, or when a key is taken, it is a conflict about this.
    ExactlyOne(Subject),
    /// Whatever comes.
    Any,
}

/// One statement with its arguments `$1` to `$n`.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) args: Vec<Arg>,
    pub(crate) expect: Expect,
    /// What is missing when a foreign key finds nothing.
    pub(crate) refers_to: Option<Subject>,
}

impl Statement {
    /// A change without a condition, or a question.
    pub(crate) fn any(sql: &'static str, args: Vec<Arg>) -> Self {
        Self { sql, args, expect: Expect::Any, refers_to: None }
    }

    /// A change of exactly one row.
    pub(crate) fn one(subject: Subject, sql: &'static str, args: Vec<Arg>) -> Self {
        Self { sql, args, expect: Expect::ExactlyOne(subject), refers_to: None }
    }

    /// And the row belongs to another, which must be there.
    pub(crate) fn referring_to(mut self, subject: Subject) -> Self {
        self.refers_to = Some(subject);
        self
    }

    /// Judges how many rows it changed.
    pub(crate) fn judge(&self, affected: u64) -> Stored<()> {
        match self.expect {
            Expect::ExactlyOne(subject) if affected != 1 => Err(StoreError::Conflict(subject)),
            _ => Ok(()),
        }
    }

    /// The conflict behind the violation of a constraint; none where the statement may not cause one.
    pub(crate) fn violated(&self, foreign_key: bool) -> Option<StoreError> {
        let subject = match (foreign_key, self.expect) {
            (true, _) => self.refers_to?,
            (false, Expect::ExactlyOne(subject)) => subject,
            (false, Expect::Any) => return None,
        };
        Some(StoreError::Conflict(subject))
    }

    /// Whether an argument holds U+0000, which PostgreSQL can't store in a text: what one database
    /// refuses, all refuse.
    pub(crate) fn has_nul(&self) -> bool {
        self.args.iter().any(|arg| matches!(arg, Arg::Text(Some(text)) if text.contains('\0')))
    }
}

/// What can be an argument.
pub(crate) trait Value {
    fn arg(self) -> Arg;
    fn null() -> Arg;
}

impl<T: Value> Value for Option<T> {
    fn arg(self) -> Arg {
        self.map_or_else(T::null, T::arg)
    }
    fn null() -> Arg {
        T::null()
    }
}

macro_rules! values {
    ($($type:ty => $variant:ident($value:ident) $make:expr;)*) => {
        $(impl Value for $type {
            fn arg(self) -> Arg {
                let $value = self;
                Arg::$variant(Some($make))
            }
            fn null() -> Arg {
                Arg::$variant(None)
            }
        })*
    };
}

values! {
    i64 => Int(v) v;
    u32 => Int(v) i64::from(v);
    bool => Int(v) i64::from(v);
    Timestamp => Int(v) v.0;
    &str => Text(v) v.to_owned();
    String => Text(v) v;
    &TenantId => Text(v) v.as_str().to_owned();
    LookupKey => Text(v) v.0;
    Vec<u8> => Blob(v) v;
    HashedToken => Blob(v) v.0.to_vec();
    CounterKey => Blob(v) v.0.0.to_vec();
    uuid::Uuid => Blob(v) v.as_bytes().to_vec();
    PersonId => Blob(v) v.as_bytes().to_vec();
    CredentialId => Blob(v) v.as_bytes().to_vec();
    TransactionId => Blob(v) v.as_bytes().to_vec();
    SessionId => Blob(v) v.as_bytes().to_vec();
}

/// The arguments of a statement, in the order of their numbers.
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::store::sql::statement::Value::arg($value)),*]
    };
}
pub(crate) use args;
