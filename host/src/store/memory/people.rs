//! People, whose names are unique in four ways.

use super::state::State;
use gatewright_contract::{PersonId, TenantId};
use gatewright_core::{
    Person,
    person::Keys,
    store::{Search, SortBy, StoreError, Stored, Subject},
};

pub(super) fn insert(state: &mut State, new: Person, keys: Keys) -> Stored<()> {
    let tenant = &new.tenant;
    let free = state.usernames.put_new((tenant.clone(), keys.username.clone()), new.id)
        && state.looks.put_new((tenant.clone(), keys.username_look.clone()), new.id)
        && !state.people.contains_key(&new.id);
    if !free {
        return Err(StoreError::Conflict(Subject::Person));
    }
    if let (Some(key), Some(look)) = (&keys.email, &keys.email_look) {
        let free = state.emails.put_new((tenant.clone(), key.clone()), new.id)
            && state.email_looks.put_new((tenant.clone(), look.clone()), new.id);
        if !free {
            return Err(StoreError::Conflict(Subject::Email));
        }
    }
    state.people.put(new.id, (new, keys));
    Ok(())
}

pub(super) fn replace(state: &mut State, new: Person, keys: Keys) -> Stored<()> {
    let follows = |old: &Person| old.tenant == new.tenant && old.rev == new.rev.wrapping_sub(1);
    match take(state, new.id) {
        Some((old, _)) if follows(&old) => insert(state, new, keys),
        _ => Err(StoreError::Conflict(Subject::Person)),
    }
}

/// With credentials, sessions and tokens.
pub(super) fn delete(state: &mut State, tenant: &TenantId, id: PersonId, rev: i64) -> bool {
    let held = take(state, id).is_some_and(|(old, _)| old.tenant == *tenant && old.rev == rev);
    for session in state.session_ids(tenant, id) {
        state.drop_session(session);
    }
    for credential in state.credential_ids(tenant, id) {
        state.drop_credential(credential);
    }
    held
}

/// Those who are searched for, and how many there are in all.
pub(super) fn like(state: &State, tenant: &TenantId, search: &Search) -> (Vec<Person>, u64) {
    let of = |person: &Person| person.tenant == *tenant && !person.service;
    let address = |keys: &Keys| keys.email.clone().unwrap_or_default();
    let mut found: Vec<&(Person, Keys)> = state
        .people
        .values()
        .filter(|(person, keys)| of(person) && keys.username.contains(&search.username))
        .filter(|(_, keys)| address(keys).contains(&search.email))
        .collect();
    found.sort_by_cached_key(|(person, keys)| match search.sort {
        SortBy::Created => (String::new(), person.id),
        SortBy::Username => (keys.username.clone(), person.id),
        SortBy::Email => (address(keys), person.id),
    });
    if search.descending {
        found.reverse();
    }
    let page = found.iter().skip(search.offset as usize).take(search.limit as usize);
    (page.map(|(person, _)| person.clone()).collect(), found.len() as u64)
}

fn take(state: &mut State, id: PersonId) -> Option<(Person, Keys)> {
    let (person, keys) = state.people.take(&id)?;
    let named = |key: &String| (person.tenant.clone(), key.clone());
    state.usernames.take(&named(&keys.username));
    state.looks.take(&named(&keys.username_look));
    if let (Some(key), Some(look)) = (&keys.email, &keys.email_look) {
        state.emails.take(&named(key));
        state.email_looks.take(&named(look));
    }
    Some((person, keys))
}
