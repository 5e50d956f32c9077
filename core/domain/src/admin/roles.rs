//! Roles of a tenant's own.

use super::{Admin, assignments::target, broken, description, name_key};
use crate::{
    access::{ASSIGNMENT, Action, Assignment, BuiltIn, GRANTED, OwnRole, Powers, ROLE, Resource, Role},
    person::username_key,
    problem::{Problem, Result},
    store::{Record, Write},
};
use gatewright_contract::TenantId;
use uuid::Uuid;

const TAKEN: &str = "A role has this name already, or this one was changed at the same time.";

/// Assignments that go in one commit.
const BATCH: u32 = 200;

impl Admin<'_> {
    /// A role by its name or its id.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn role(&self, tenant: &TenantId, named: &str) -> Result<Role> {
        self.may(Action::RolesRead, &Resource::of(tenant)).await?;
        self.named_role(tenant, named).await
    }

    /// The built-in roles on the first page, and those of the tenant by id.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn roles(&self, tenant: &TenantId, after: Option<Uuid>, limit: u32) -> Result<Vec<Role>> {
        self.may(Action::RolesRead, &Resource::of(tenant)).await?;
        let mut all = Vec::new();
        if after.is_none() {
            let here = |role: &BuiltIn| *role != BuiltIn::Operator || *tenant == TenantId::default_tenant();
            all.extend(BuiltIn::ALL.into_iter().filter(here).map(Role::from));
        }
        for record in self.engine.store.records(tenant, ROLE, after, limit.clamp(1, super::PAGE)).await? {
            all.push(Role::of(&record)?);
        }
        Ok(all)
    }

    /// Makes a role.
    ///
    /// # Errors
    /// 403 also for an action that the caller does not have, 404, 409 for a name that is taken, 422.
    pub async fn create_role(&self, tenant: &TenantId, role: OwnRole) -> Result<Role> {
        let authority = self.may_change(Action::RolesWrite, &Resource::of(tenant)).await?;
        let key = checked(&role)?;
        let mut record = Record::new(tenant, ROLE, self.new_id()?, self.engine.now(), &role)?;
        record.key = Some(key);
        let made = Role::of(&record)?;
        authority.must_cover(&Powers::of(&made, None))?;
        let event = self.event("role.created", tenant).on(format!("role:{}", made.id));
        self.commit(vec![Write::RecordInsert(record), Write::Audit(event)], TAKEN).await?;
        Ok(made)
    }

    /// Replaces a role. Everybody who has it may then what it says.
    ///
    /// # Errors
    /// 403 also for an action, old or new, that the caller does not have; 404, 409 for a name that is taken or a
    /// role that is built in, 422.
    pub async fn change_role(&self, tenant: &TenantId, named: &str, role: OwnRole) -> Result<Role> {
        let authority = self.may_change(Action::RolesWrite, &Resource::of(tenant)).await?;
        let old = self.own_role(tenant, named).await?;
        let key = checked(&role)?;
        let mut record = old.next(&role)?;
        record.key = Some(key);
        let (before, after) = (Role::of(&old)?, Role::of(&record)?);
        authority.must_cover(&Powers::of(&before, None))?;
        authority.must_cover(&Powers::of(&after, None))?;
        let event = self.event("role.changed", tenant).on(format!("role:{}", after.id));
        self.commit(vec![Write::RecordReplace(record), Write::Audit(event)], TAKEN).await?;
        Ok(after)
    }

    /// Deletes a role: nobody has it any more.
    ///
    /// # Errors
    /// 403 also for an action that the caller does not have, 404, 409 for a role that is built in.
    pub async fn delete_role(&self, tenant: &TenantId, named: &str) -> Result<()> {
        let authority = self.may_change(Action::RolesWrite, &Resource::of(tenant)).await?;
        let record = self.own_role(tenant, named).await?;
        let role = Role::of(&record)?;
        authority.must_cover(&Powers::of(&role, None))?;
        loop {
            let page = self.engine.store.links_from(tenant, GRANTED, record.id, None, BATCH).await?;
            if page.is_empty() {
                break;
            }
            let mut writes = Vec::new();
            for id in page {
                if let Some(found) = self.engine.store.record(tenant, ASSIGNMENT, id).await? {
                    // As if it were taken from each: should this break off, the log says who has lost it.
                    let given = Assignment::of(&found)?;
                    let event = self.event("role.revoked", tenant).on(target(&role, &given));
                    writes.push(Write::Audit(event.about(given.to.person())));
                    writes.push(Write::RecordDelete(tenant.clone(), ASSIGNMENT.to_owned(), id, found.rev));
                }
                writes.push(Write::LinksOfDelete(tenant.clone(), id));
            }
            self.commit(writes, TAKEN).await?;
        }
        let event = self.event("role.deleted", tenant).on(format!("role:{}", record.id));
        let writes = vec![
            Write::RecordDelete(tenant.clone(), ROLE.to_owned(), record.id, record.rev),
            Write::LinksOfDelete(tenant.clone(), record.id),
            Write::Audit(event),
        ];
        self.commit(writes, TAKEN).await
    }

    pub(super) async fn named_role(&self, tenant: &TenantId, named: &str) -> Result<Role> {
        let built_in = BuiltIn::parse(named).map(BuiltIn::id);
        if let Some(id) = built_in.or_else(|| Uuid::try_parse(named).ok()) {
            let found = self.engine.role_by_id(tenant, id).await?;
            return found.ok_or_else(|| Problem::not_found("role"));
        }
        Role::of(&self.own_role(tenant, named).await?)
    }

    async fn own_role(&self, tenant: &TenantId, named: &str) -> Result<Record> {
        let id = Uuid::try_parse(named).ok();
        if BuiltIn::parse(named).is_some() || id.and_then(BuiltIn::of_id).is_some() {
            return Err(Problem::conflict("This role is built in and stays as it is. Make one of your own."));
        }
        let store = &self.engine.store;
        let found = match (id, username_key(named)) {
            (Some(id), _) => store.record(tenant, ROLE, id).await?,
            (None, Some(key)) => store.record_by_key(tenant, ROLE, &key).await?,
            (None, None) => None,
        };
        found.ok_or_else(|| Problem::not_found("role"))
    }
}

/// The name in its compared form.
fn checked(role: &OwnRole) -> Result<String> {
    description(&role.description)?;
    let key = name_key(&role.name)?;
    if BuiltIn::parse(&key).is_some() || Uuid::try_parse(&key).is_ok() {
        return Err(broken("name", "This is the name of a built-in role, or looks like an id."));
    }
    if role.actions.contains(&Action::HostTenants) {
        return Err(broken("actions", "`host.tenants` is of the host: only the role `operator` has it."));
    }
    Ok(key)
}
