//! The last administrator of a tenant stays.
//!
//! Who counts: somebody who may log in and administers by themselves ([`crate::Person::administrator`], or the
//! built-in role given to them without a limit). Whoever has it through a group does not count: a group can be
//! emptied in many ways. Of the tenant `default` it is the last operator who stays.

use super::Admin;
use crate::{
    Person,
    access::{ASSIGNMENT, Assignment, BuiltIn, GRANTED, To},
    problem::{Problem, Result},
    store::{Link, Write},
};
use gatewright_contract::{PersonId, TenantId};
use uuid::Uuid;

/// Links the built-in role to people whose account itself says that they administer.
const ADMINISTRATOR: &str = "administrator";

/// The role that counts: that of the account's own mark.
pub(super) fn role_of(tenant: &TenantId) -> BuiltIn {
    if *tenant == TenantId::default_tenant() { BuiltIn::Operator } else { BuiltIn::Administrator }
}

const PAGE: u32 = 100;

/// Why somebody counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// The account says so.
    Account,
    /// This assignment.
    Assignment(Uuid),
}

/// Kept with every change of such an account, so that they are found without looking at everybody.
pub(crate) fn administrator_link(person: &Person) -> Write {
    let link = Link {
        tenant: person.tenant.clone(),
        kind: ADMINISTRATOR,
        from: BuiltIn::Administrator.id(),
        to: person.id.0,
    };
    match person.administrator {
        true => Write::LinkInsert(link),
        false => Write::LinkDelete(link),
    }
}

impl Admin<'_> {
    /// Writes that hold somebody who goes on administering when `gone` does not count any more. Put before all
    /// others: two who remove each other at once must not both succeed.
    ///
    /// # Errors
    /// 409 where there is nobody else.
    pub(super) async fn somebody_stays(
        &self,
        tenant: &TenantId,
        gone: impl Fn(PersonId, Ground) -> bool,
    ) -> Result<Vec<Write>> {
        // Who sits at the machine can make another.
        if self.caller.is_none() {
            return Ok(Vec::new());
        }
        if let Some(person) = self.by_account(tenant, &gone).await? {
            return Ok(vec![unchanged(&person)]);
        }
        if let Some((person, assignment)) = self.by_assignment(tenant, &gone).await? {
            let held = Write::RecordUnchanged(tenant.clone(), ASSIGNMENT.to_owned(), assignment, 1);
            return Ok(vec![unchanged(&person), held]);
        }
        Err(Problem::conflict(
            "This is the last administrator of the tenant. Make somebody else an administrator first.",
        ))
    }

    /// Whether the account and the role that it has count at all.
    pub(super) async fn administers(&self, person: &Person) -> Result<bool> {
        if !person.may_log_in() {
            return Ok(false);
        }
        let given = self.engine.assignments_of(&person.tenant, person.id.0).await?;
        Ok(person.administrator || given.iter().any(|given| counts(&person.tenant, given)))
    }

    async fn by_account(
        &self,
        tenant: &TenantId,
        gone: &impl Fn(PersonId, Ground) -> bool,
    ) -> Result<Option<Person>> {
        let (from, mut after) = (BuiltIn::Administrator.id(), None);
        loop {
            let page = self.engine.store.links_from(tenant, ADMINISTRATOR, from, after, PAGE).await?;
            for id in page.iter().copied().map(PersonId).filter(|id| !gone(*id, Ground::Account)) {
                let found = self.engine.store.person(tenant, id).await?;
                if let Some(person) = found.filter(|p| p.administrator && p.may_log_in()) {
                    return Ok(Some(person));
                }
            }
            after = page.last().copied();
            if page.len() < PAGE as usize {
                return Ok(None);
            }
        }
    }

    async fn by_assignment(
        &self,
        tenant: &TenantId,
        gone: &impl Fn(PersonId, Ground) -> bool,
    ) -> Result<Option<(Person, Uuid)>> {
        let (from, mut after) = (role_of(tenant).id(), None);
        loop {
            let page = self.engine.store.links_from(tenant, GRANTED, from, after, PAGE).await?;
            for id in &page {
                let record = self.engine.store.record(tenant, ASSIGNMENT, *id).await?;
                let Some(found) = record.as_ref().map(Assignment::of).transpose()? else {
                    continue;
                };
                let To::Person(holder) = found.to else { continue };
                if !counts(tenant, &found) || gone(holder, Ground::Assignment(*id)) {
                    continue;
                }
                let person = self.engine.store.person(tenant, holder).await?;
                if let Some(person) = person.filter(Person::may_log_in) {
                    return Ok(Some((person, *id)));
                }
            }
            after = page.last().copied();
            if page.len() < PAGE as usize {
                return Ok(None);
            }
        }
    }
}

/// Whether an assignment makes somebody an administrator who counts.
pub(super) fn counts(tenant: &TenantId, assignment: &Assignment) -> bool {
    let role = role_of(tenant).id() == assignment.role;
    role && assignment.scope.is_none() && matches!(assignment.to, To::Person(_))
}

fn unchanged(person: &Person) -> Write {
    Write::PersonUnchanged(person.tenant.clone(), person.id, person.rev)
}
