//! What a commit makes stale, as a text for the other nodes.

use super::touched::Touched;
use gatewright_contract::{PersonId, SessionId, TenantId};
use gatewright_core::{store::Write, token::HashedToken};
use uuid::Uuid;

/// PostgreSQL takes less than 8000 bytes.
const LONGEST: usize = 7000;
/// In place of names: more than fits.
const EVERYTHING: &str = "*";

/// Tells a node from the others of its database, as long as it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Node(pub(in crate::store) Uuid);

/// What a node tells the others.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) enum News {
    /// These are stale.
    Stale(Touched),
    /// Anything may be.
    Everything,
}

/// The text for these writes, where they make anything stale: the node, then a letter and a name each.
pub(in crate::store) fn announcement(node: Node, writes: &[Write]) -> Option<String> {
    let touched = Touched::for_others(writes);
    if touched.is_empty() {
        return None;
    }
    let mut text = node.0.simple().to_string();
    let head = text.len();
    let names = touched.tenants.iter().map(|id| format!(" t{id}"));
    let names = names.chain(touched.tokens.iter().map(|hash| format!(" k{}", hex(&hash.0))));
    let names = names.chain(touched.sessions.iter().map(|id| format!(" s{}", id.0.simple())));
    let names = names.chain(touched.people.iter().map(|id| format!(" p{}", id.0.simple())));
    let names = names.chain(touched.records.iter().map(|id| format!(" r{}", id.simple())));
    for name in names.chain(touched.owners.iter().map(|id| format!(" o{}", id.simple()))) {
        if text.len() + name.len() > LONGEST {
            text.truncate(head);
            return Some(format!("{text} {EVERYTHING}"));
        }
        text.push_str(&name);
    }
    Some(text)
}

/// Who tells, and what. A text that is not understood, as of a newer node, may mean anything.
pub(in crate::store) fn read(text: &str) -> (Option<Node>, News) {
    let mut words = text.split(' ');
    let node = words.next().and_then(|word| Uuid::try_parse(word).ok()).map(Node);
    let mut touched = Touched::default();
    for word in words {
        if add(&mut touched, word).is_none() {
            return (node, News::Everything);
        }
    }
    (node, if node.is_some() { News::Stale(touched) } else { News::Everything })
}

fn add(to: &mut Touched, word: &str) -> Option<()> {
    let (kind, name) = word.split_at_checked(1)?;
    match kind {
        "t" => to.tenants.push(TenantId::parse(name)?),
        "k" => to.tokens.push(HashedToken::from_slice(&unhex(name)?)?),
        "s" => to.sessions.push(SessionId(Uuid::try_parse(name).ok()?)),
        "p" => to.people.push(PersonId(Uuid::try_parse(name).ok()?)),
        "r" => to.records.push(Uuid::try_parse(name).ok()?),
        "o" => to.owners.push(Uuid::try_parse(name).ok()?),
        _ => return None,
    }
    Some(())
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::{News, Node, announcement, read};
    use crate::store::{
        cache::touched::Touched,
        memory::Memory,
        suite::sample::{Sample, unique},
    };
    use gatewright_core::{store::Write, token::HashedToken};
    use std::sync::Arc;
    use uuid::Uuid;

    #[test]
    fn what_is_told_is_understood() {
        let s = Sample::new(Arc::new(Memory::default()));
        let person = s.person("alice");
        let session = s.session(&person);
        let node = Node(Uuid::from_bytes([7; 16]));
        let writes = [
            Write::TenantReplace(s.a_tenant()),
            Write::TokenSpend(HashedToken(unique()), s.now),
            Write::SessionDelete(session.id),
            Write::SessionsOfPersonDelete { tenant: s.tenant.clone(), person: person.id, except: None },
            Write::RecordDelete(s.tenant.clone(), "oauth-token".to_owned(), Uuid::from_bytes([8; 16]), 1),
            Write::RecordsOfDelete(s.tenant.clone(), Uuid::from_bytes([9; 16])),
            Write::RecordsOfKindDelete(
                s.tenant.clone(),
                "oauth-grant".to_owned(),
                Uuid::from_bytes([10; 16]),
            ),
        ];
        let text = announcement(node, &writes).expect("tells");
        assert_eq!(read(&text), (Some(node), News::Stale(Touched::by(&writes))));
        let other = Write::RecordDelete(s.tenant.clone(), "group".to_owned(), Uuid::from_bytes([8; 16]), 1);
        let quiet = [Write::SessionSeen(session.id, s.now), Write::SessionInsert(session), other];
        assert_eq!(announcement(node, &quiet), None);

        let many: Vec<Write> = (0..200).map(|_| Write::TokenSpend(HashedToken(unique()), s.now)).collect();
        let text = announcement(node, &many).expect("tells");
        assert!(text.len() < 100, "{text}");
        assert_eq!(read(&text), (Some(node), News::Everything));
        for odd in ["", "nobody", "*", &format!("{} x1", node.0), &format!("{} s1", node.0), "\u{fe0f} é"] {
            assert_eq!(read(odd).1, News::Everything, "{odd}");
        }
    }
}
