//! Giving and taking roles.

use super::{
    Admin,
    last::{Ground, counts},
};
use crate::{
    access::{
        ASSIGNMENT, Action, Assignment, BuiltIn, GRANTED, POWERFUL, Powers, ROLE, Resource, Role, SCOPE, To,
    },
    groups::GROUP,
    problem::{Problem, Result},
    store::{Link, Write},
};
use gatewright_contract::TenantId;
use uuid::Uuid;

/// A role to be given.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    /// Name or id of the role.
    pub role: String,
    /// Who gets it.
    pub to: To,
    /// The group whose people it is to hold for; none: all.
    pub scope: Option<Uuid>,
}

/// Roles that one person or group may have.
pub(super) const MOST: usize = 100;

const TAKEN: &str =
    "They have this role already, or something that it rests on was changed at the same time.";

impl Admin<'_> {
    /// Who has which role, by id: all, or of one person or group.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn assignments(
        &self,
        tenant: &TenantId,
        of: Option<Uuid>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Assignment>> {
        self.may(Action::RolesRead, &Resource::of(tenant)).await?;
        let (store, limit) = (&self.engine.store, limit.clamp(1, super::PAGE));
        let page = match of {
            Some(owner) => store.records_of(tenant, ASSIGNMENT, owner, after, limit).await?,
            None => store.records(tenant, ASSIGNMENT, after, limit).await?,
        };
        page.iter().map(Assignment::of).collect()
    }

    /// Gives a role. Only who has all of it themselves, with at least the same scope.
    ///
    /// # Errors
    /// 403, 404 for a role, a person or a group that is not there, 409 for a role that they have already.
    pub async fn grant(&self, tenant: &TenantId, new: NewAssignment) -> Result<Assignment> {
        let authority = self.may_change(Action::RolesWrite, &Resource::of(tenant)).await?;
        let role = self.named_role(tenant, &new.role).await?;
        if role.id == BuiltIn::Operator.id() && new.scope.is_some() {
            return Err(super::broken("scope", "The role `operator` is for every tenant; it has no scope."));
        }
        authority.must_cover(&Powers::of(&role, new.scope))?;
        let mut writes = self.holder(tenant, new.to).await?;
        if self.engine.assignments_of(tenant, new.to.id()).await?.len() >= MOST {
            return Err(Problem::conflict(
                "They have 100 roles already. Take one away, or make a wider role.",
            ));
        }
        let given = Assignment { id: self.new_id()?, role: role.id, to: new.to, scope: new.scope };
        writes.extend(self.granting(tenant, &role, &given)?);
        if let Some(group) = new.scope {
            let record = self.group_record(tenant, group).await?;
            writes.push(Write::RecordUnchanged(tenant.clone(), GROUP.to_owned(), group, record.rev));
            writes.push(link(tenant, SCOPE, given.id, group));
        }
        self.commit(writes, TAKEN).await?;
        Ok(given)
    }

    /// What is written of a role that is given, unless it is changed meanwhile.
    pub(super) fn granting(&self, tenant: &TenantId, role: &Role, given: &Assignment) -> Result<Vec<Write>> {
        let mut writes = Vec::new();
        if !role.built_in {
            writes.push(Write::RecordUnchanged(tenant.clone(), ROLE.to_owned(), role.id, role.rev));
        }
        writes.push(Write::RecordInsert(given.record(tenant, self.engine.now())?));
        writes.push(link(tenant, GRANTED, role.id, given.id));
        let event = self.event("role.granted", tenant).about(given.to.person()).on(target(role, given));
        writes.push(Write::Audit(event));
        Ok(writes)
    }

    /// Who gets the role must be there, and stay until it is written.
    async fn holder(&self, tenant: &TenantId, to: To) -> Result<Vec<Write>> {
        match to {
            To::Person(id) => {
                let person = self.somebody(tenant, id).await?;
                Ok(vec![Write::PersonUnchanged(tenant.clone(), id, person.rev)])
            }
            To::Group(id) => {
                let record = self.group_record(tenant, id).await?;
                Ok(vec![
                    Write::RecordUnchanged(tenant.clone(), GROUP.to_owned(), id, record.rev),
                    link(tenant, POWERFUL, crate::access::POWERS, id),
                ])
            }
        }
    }

    /// Takes a role away.
    ///
    /// # Errors
    /// 403 also for who does not have all of it, 404, 409 for the last administrator.
    pub async fn revoke(&self, tenant: &TenantId, id: Uuid) -> Result<()> {
        let authority = self.may_change(Action::RolesWrite, &Resource::of(tenant)).await?;
        let found = self.engine.store.record(tenant, ASSIGNMENT, id).await?;
        let record = found.ok_or_else(|| Problem::not_found("assignment"))?;
        let given = Assignment::of(&record)?;
        let mut writes = Vec::new();
        let mut event = self.event("role.revoked", tenant);
        if let Some(role) = self.engine.role_by_id(tenant, given.role).await? {
            authority.must_cover(&Powers::of(&role, given.scope))?;
            event = event.on(target(&role, &given));
        }
        if let To::Person(person) = given.to {
            event = event.about(Some(person));
            let holder = self.engine.store.person(tenant, person).await?;
            if counts(tenant, &given) && holder.is_some_and(|p| p.may_log_in()) {
                let gone = |_, ground| ground == Ground::Assignment(id);
                writes.extend(self.somebody_stays(tenant, gone).await?);
            }
        }
        writes.push(Write::RecordDelete(tenant.clone(), ASSIGNMENT.to_owned(), id, record.rev));
        writes.push(Write::LinksOfDelete(tenant.clone(), id));
        writes.push(Write::Audit(event));
        self.commit(writes, "The role was taken away at the same time.").await
    }
}

fn link(tenant: &TenantId, kind: &'static str, from: Uuid, to: Uuid) -> Write {
    Write::LinkInsert(Link { tenant: tenant.clone(), kind, from, to })
}

pub(super) fn target(role: &Role, given: &Assignment) -> String {
    let name = if role.built_in { role.name.clone() } else { role.id.to_string() };
    match given.to {
        To::Person(_) => format!("role:{name}"),
        To::Group(group) => format!("role:{name} group:{group}"),
    }
}
