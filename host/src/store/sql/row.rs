//! A row of any database, and how its columns become our types.

use gatewright_contract::{CredentialId, LookupKey, PersonId, SessionId, TenantId, Timestamp, TransactionId};
use gatewright_core::{
    store::{StoreError, Stored},
    token::HashedToken,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Columns by name. A driver brings the three that can be null; all else follows.
pub(crate) trait Row: Send {
    fn maybe_int(&self, column: &str) -> Stored<Option<i64>>;
    fn maybe_text(&self, column: &str) -> Stored<Option<String>>;
    fn maybe_blob(&self, column: &str) -> Stored<Option<Vec<u8>>>;

    fn int(&self, column: &str) -> Stored<i64> {
        present(column, self.maybe_int(column)?)
    }

    fn text(&self, column: &str) -> Stored<String> {
        present(column, self.maybe_text(column)?)
    }

    fn blob(&self, column: &str) -> Stored<Vec<u8>> {
        present(column, self.maybe_blob(column)?)
    }

    fn u32(&self, column: &str) -> Stored<u32> {
        u32::try_from(self.int(column)?).map_err(|_| damaged(column))
    }

    fn bool(&self, column: &str) -> Stored<bool> {
        Ok(self.int(column)? != 0)
    }

    fn time(&self, column: &str) -> Stored<Timestamp> {
        self.int(column).map(Timestamp)
    }

    fn maybe_time(&self, column: &str) -> Stored<Option<Timestamp>> {
        Ok(self.maybe_int(column)?.map(Timestamp))
    }

    fn tenant(&self, column: &str) -> Stored<TenantId> {
        TenantId::parse(&self.text(column)?).ok_or_else(|| damaged(column))
    }

    fn hash(&self, column: &str) -> Stored<HashedToken> {
        present(column, self.maybe_hash(column)?)
    }

    fn maybe_hash(&self, column: &str) -> Stored<Option<HashedToken>> {
        let read = |bytes: Vec<u8>| HashedToken::from_slice(&bytes).ok_or_else(|| damaged(column));
        self.maybe_blob(column)?.map(read).transpose()
    }

    fn maybe_lookup(&self, column: &str) -> Stored<Option<LookupKey>> {
        Ok(self.maybe_text(column)?.map(LookupKey))
    }

    fn id<I: Id>(&self, column: &str) -> Stored<I> {
        present(column, self.maybe_id(column)?)
    }

    fn maybe_id<I: Id>(&self, column: &str) -> Stored<Option<I>> {
        let read = |bytes: Vec<u8>| Uuid::from_slice(&bytes).map(I::from_uuid).map_err(|_| damaged(column));
        self.maybe_blob(column)?.map(read).transpose()
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Stored<T> {
        from_json(column, &self.text(column)?)
    }

    fn maybe_json<T: DeserializeOwned>(&self, column: &str) -> Stored<Option<T>> {
        self.maybe_text(column)?.map(|text| from_json(column, &text)).transpose()
    }
}

/// An id made of a UUID.
pub(crate) trait Id: Sized {
    fn from_uuid(uuid: Uuid) -> Self;
}

macro_rules! ids {
    ($($type:ident)*) => {
        $(impl Id for $type {
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
        })*
    };
}

ids!(PersonId CredentialId TransactionId SessionId);

impl Id for Uuid {
    fn from_uuid(uuid: Uuid) -> Self {
        uuid
    }
}

/// A column holds what this program never wrote.
pub(crate) fn damaged(column: &str) -> StoreError {
    StoreError::Broken(format!("the column {column} holds a value that is none of ours"), None)
}

fn present<T>(column: &str, value: Option<T>) -> Stored<T> {
    value.ok_or_else(|| damaged(column))
}

fn from_json<T: DeserializeOwned>(column: &str, text: &str) -> Stored<T> {
    serde_json::from_str(text).map_err(|error| {
        StoreError::Broken(format!("the column {column} can't be read"), Some(Box::new(error)))
    })
}

/// The text that [`Row::json`] reads.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|error| {
        StoreError::Broken("a value can't be written as JSON".to_owned(), Some(Box::new(error)))
    })
}
