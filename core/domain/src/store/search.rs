//! Looking for people.

use crate::person::compared;

/// Which people, and in which order. Service accounts are not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// In the login name, in its compared form; empty: any.
    pub username: String,
    /// In the e-mail address, in its compared form; empty: any, or none.
    pub email: String,
    /// What they are sorted by.
    pub sort: SortBy,
    /// The last first.
    pub descending: bool,
    /// How many are left out at the beginning.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

/// What people are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// When the account was made.
    #[default]
    Created,
    /// The login name.
    Username,
    /// The e-mail address; who has none comes before all others.
    Email,
}

impl Search {
    /// Of these parts of names, as somebody types them.
    pub fn of(username: &str, email: &str) -> Self {
        let (username, email) = (compared(username), compared(email));
        Self { username, email, sort: SortBy::Created, descending: false, offset: 0, limit: 0 }
    }
}
