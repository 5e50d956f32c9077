//! A hash over the rows of a table, the same in every database that holds the same.

use super::link::Values;
use crate::store::sql::statement::Arg;
use aws_lc_rs::digest::{Context, SHA256};

/// Rows in the order of their key: how many, and SHA-256 over them.
pub(super) struct Digest {
    rows: u64,
    hash: Context,
}

/// What a table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) rows: u64,
    hash: Vec<u8>,
}

impl Digest {
    pub(super) fn new() -> Self {
        Self { rows: 0, hash: Context::new(&SHA256) }
    }

    /// Each value with its kind and its length, so that no two rows have the same bytes.
    pub(super) fn add(&mut self, row: &Values) {
        self.rows += 1;
        for value in row {
            let (kind, bytes): (u8, &[u8]) = match value {
                Arg::Int(None) | Arg::Text(None) | Arg::Blob(None) => (0, &[]),
                Arg::Int(Some(number)) => (1, &number.to_be_bytes()),
                Arg::Text(Some(text)) => (2, text.as_bytes()),
                Arg::Blob(Some(bytes)) => (3, bytes),
            };
            self.hash.update(&[kind]);
            self.hash.update(&(bytes.len() as u64).to_be_bytes());
            self.hash.update(bytes);
        }
    }

    pub(super) fn finish(self) -> Content {
        Content { rows: self.rows, hash: self.hash.finish().as_ref().to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arg, Content, Digest};

    fn of(rows: &[Vec<Arg>]) -> Content {
        let mut digest = Digest::new();
        rows.iter().for_each(|row| digest.add(row));
        digest.finish()
    }

    #[test]
    fn what_differs_has_another_hash() {
        let text = |text: &str| Arg::Text(Some(text.to_owned()));
        let different = [
            of(&[]),
            of(&[vec![text("ab"), text("c")]]),
            of(&[vec![text("a"), text("bc")]]),
            of(&[vec![text("ab")], vec![text("c")]]),
            of(&[vec![Arg::Blob(Some(b"ab".to_vec())), text("c")]]),
            of(&[vec![Arg::Text(None), text("c")]]),
            of(&[vec![text(""), text("c")]]),
            of(&[vec![Arg::Int(Some(0)), text("c")]]),
        ];
        for (i, one) in different.iter().enumerate() {
            assert!(different[..i].iter().all(|other| other != one), "{i}");
        }
        assert_eq!(of(&[vec![Arg::Int(None)]]), of(&[vec![Arg::Blob(None)]]), "nothing is nothing");
    }
}
