//! Which roles somebody is to have, by their names.

use super::{
    Admin,
    assignments::{MOST, target},
    broken,
    last::{Ground, counts, role_of},
};
use crate::{
    Person,
    access::{ASSIGNMENT, Action, Assignment, Authority, Powers, Resource, Role, To},
    problem::Result,
    store::Write,
};
use gatewright_contract::TenantId;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What is different between the roles that somebody has and those that they are to have. Roles that are limited to a
/// group are not looked at.
#[derive(Default)]
pub(super) struct RoleChange {
    /// Whether the account's own mark goes.
    pub(super) dismissed: bool,
    give: Vec<Role>,
    take: Vec<(Assignment, Role)>,
}

impl Admin<'_> {
    /// What has to change, which the caller may do. None: everything stays.
    ///
    /// # Errors
    /// 403 also for a role that the caller does not have all of, 422 for one that is not there, or too many.
    pub(super) async fn role_change(
        &self,
        authority: &Authority,
        person: &Person,
        wish: Option<&[String]>,
    ) -> Result<RoleChange> {
        let Some(wish) = wish else { return Ok(RoleChange::default()) };
        let tenant = &person.tenant;
        if wish.len() > MOST {
            return Err(broken("roles", "At most 100 roles."));
        }
        let mut wished = BTreeMap::new();
        for name in wish {
            let role = self.wished(tenant, name).await?;
            wished.insert(role.id, role);
        }
        let held = self.engine.assignments_of(tenant, person.id.0).await?;
        let held: Vec<Assignment> = held.into_iter().filter(|given| given.scope.is_none()).collect();
        let mark = role_of(tenant).id();
        let mut has: BTreeSet<Uuid> = held.iter().map(|given| given.role).collect();
        if person.administrator {
            has.insert(mark);
        }
        let mut change = RoleChange {
            dismissed: person.administrator && !wished.contains_key(&mark),
            ..RoleChange::default()
        };
        for given in held.into_iter().filter(|given| !wished.contains_key(&given.role)) {
            // A role that is gone is nothing that anybody could take.
            if let Some(role) = self.engine.role_by_id(tenant, given.role).await? {
                change.take.push((given, role));
            }
        }
        change.give = wished.into_values().filter(|role| !has.contains(&role.id)).collect();
        self.may_change_roles(authority, tenant, &change).await?;
        Ok(change)
    }

    /// A role that is not there is a mistake in what was sent.
    async fn wished(&self, tenant: &TenantId, name: &str) -> Result<Role> {
        match self.named_role(tenant, name).await {
            Err(problem) if problem.status == 404 => {
                Err(broken("roles", "There is no role of one of these names in this tenant."))
            }
            other => other,
        }
    }

    async fn may_change_roles(
        &self,
        authority: &Authority,
        tenant: &TenantId,
        change: &RoleChange,
    ) -> Result<()> {
        let roles = change.give.iter().chain(change.take.iter().map(|(_, role)| role));
        let all: Vec<&Role> = roles.collect();
        if !all.is_empty() {
            self.may(Action::RolesWrite, &Resource::of(tenant)).await?;
        }
        all.into_iter().try_for_each(|role| authority.must_cover(&Powers::of(role, None)))
    }

    /// Writes that hold another administrator, where the person is none any more.
    ///
    /// # Errors
    /// 409 for the last one.
    pub(super) async fn without(
        &self,
        person: &Person,
        change: &RoleChange,
        disabled: bool,
    ) -> Result<Vec<Write>> {
        let (tenant, id) = (&person.tenant, person.id);
        if !person.may_log_in() {
            return Ok(Vec::new());
        }
        let out = disabled && self.administers(person).await?;
        let taken = change.take.iter().map(|(given, _)| given).filter(|given| counts(tenant, given));
        let taken: Vec<Uuid> = taken.map(|given| given.id).collect();
        if !out && !change.dismissed && taken.is_empty() {
            return Ok(Vec::new());
        }
        let gone = |other, ground| {
            let lost = match ground {
                Ground::Account => change.dismissed,
                Ground::Assignment(given) => taken.contains(&given),
            };
            other == id && (out || lost)
        };
        self.somebody_stays(tenant, gone).await
    }

    /// What is written of the roles that are given and taken.
    pub(super) fn role_writes(&self, person: &Person, change: &RoleChange) -> Result<Vec<Write>> {
        let tenant = &person.tenant;
        let mut writes = Vec::new();
        for role in &change.give {
            let given =
                Assignment { id: self.new_id()?, role: role.id, to: To::Person(person.id), scope: None };
            writes.extend(self.granting(tenant, role, &given)?);
        }
        for (given, role) in &change.take {
            let event = self.event("role.revoked", tenant).about(Some(person.id)).on(target(role, given));
            // Nobody changes an assignment: it has its first revision.
            writes.push(Write::RecordDelete(tenant.clone(), ASSIGNMENT.to_owned(), given.id, 1));
            writes.push(Write::LinksOfDelete(tenant.clone(), given.id));
            writes.push(Write::Audit(event));
        }
        Ok(writes)
    }
}
