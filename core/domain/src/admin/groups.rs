//! Groups: making, renaming, deleting.

use super::{Admin, description, name_key};
use crate::{
    access::{ASSIGNMENT, Action, Assignment, Authority, Powers, Resource, SCOPE},
    groups::{Body, GROUP, Group},
    problem::{Problem, Result},
    store::{Record, Write},
};
use gatewright_contract::{PersonId, TenantId};
use std::collections::{BTreeMap, btree_map::Entry};
use uuid::Uuid;

/// What a group is made of, and what is to be different.
#[derive(Clone, Debug, Default)]
pub struct GroupForm {
    /// The name; needed for a new one.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

const TAKEN: &str = "A group has this name already, or this one was changed at the same time.";

/// Limited assignments that go with a group; more must be taken away first.
const MOST_LIMITED: u32 = 500;

impl Admin<'_> {
    /// One group.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn group(&self, tenant: &TenantId, id: Uuid) -> Result<Group> {
        self.may(Action::GroupsRead, &Resource::of(tenant)).await?;
        Group::of(&self.group_record(tenant, id).await?)
    }

    /// The group of this name.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn find_group(&self, tenant: &TenantId, name: &str) -> Result<Option<Group>> {
        self.may(Action::GroupsRead, &Resource::of(tenant)).await?;
        let Some(key) = crate::person::username_key(name) else { return Ok(None) };
        self.engine.store.record_by_key(tenant, GROUP, &key).await?.as_ref().map(Group::of).transpose()
    }

    /// A page of groups, by id.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn groups(&self, tenant: &TenantId, after: Option<Uuid>, limit: u32) -> Result<Vec<Group>> {
        self.may(Action::GroupsRead, &Resource::of(tenant)).await?;
        let page = self.engine.store.records(tenant, GROUP, after, limit.clamp(1, super::PAGE)).await?;
        page.iter().map(Group::of).collect()
    }

    /// The groups that somebody is in.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn groups_of(&self, tenant: &TenantId, person: PersonId) -> Result<Vec<Group>> {
        self.may(Action::GroupsRead, &Resource::of(tenant)).await?;
        self.somebody(tenant, person).await?;
        let mut all = Vec::new();
        for id in self.engine.groups_of(tenant, person).await? {
            let record = self.engine.store.record(tenant, GROUP, id).await?;
            all.extend(record.as_ref().map(Group::of).transpose()?);
        }
        Ok(all)
    }

    /// Makes a group without anybody in it.
    ///
    /// # Errors
    /// 403, 404, 409 for a name that is taken, 422 for one that can't be.
    pub async fn create_group(&self, tenant: &TenantId, form: GroupForm) -> Result<Group> {
        self.may_change(Action::GroupsWrite, &Resource::of(tenant)).await?;
        let body =
            Body { name: form.name.unwrap_or_default(), description: form.description.unwrap_or_default() };
        description(&body.description)?;
        let key = name_key(&body.name)?;
        let mut record = Record::new(tenant, GROUP, self.new_id()?, self.engine.now(), &body)?;
        record.key = Some(key);
        let group = Group::of(&record)?;
        let event = self.event("group.created", tenant).on(format!("group:{}", group.id));
        self.commit(vec![Write::RecordInsert(record), Write::Audit(event)], TAKEN).await?;
        Ok(group)
    }

    /// Changes name and description.
    ///
    /// # Errors
    /// 403, 404, 409 for a name that is taken, 422 for one that can't be.
    pub async fn change_group(&self, tenant: &TenantId, id: Uuid, form: GroupForm) -> Result<Group> {
        self.may_change(Action::GroupsWrite, &Resource::of(tenant)).await?;
        let old = self.group_record(tenant, id).await?;
        let mut body: Body = old.value()?;
        body.name = form.name.unwrap_or(body.name);
        body.description = form.description.unwrap_or(body.description);
        description(&body.description)?;
        let mut record = old.next(&body)?;
        record.key = Some(name_key(&body.name)?);
        let group = Group::of(&record)?;
        let event = self.event("group.changed", tenant).on(format!("group:{id}"));
        self.commit(vec![Write::RecordReplace(record), Write::Audit(event)], TAKEN).await?;
        Ok(group)
    }

    /// Deletes a group: nobody is in it any more, the roles that it had and those that were limited to it are gone.
    ///
    /// # Errors
    /// 403 also for who does not have what the group gives, 404, 409 with too many roles limited to it.
    pub async fn delete_group(&self, tenant: &TenantId, id: Uuid) -> Result<()> {
        let authority = self.may_change(Action::GroupsWrite, &Resource::of(tenant)).await?;
        let record = self.group_record(tenant, id).await?;
        self.must_cover_group(&authority, tenant, id).await?;
        let limited = self.engine.store.links_to(tenant, SCOPE, id, None, MOST_LIMITED + 1).await?;
        if limited.len() > MOST_LIMITED as usize {
            return Err(Problem::conflict(
                "More than 500 roles are limited to this group. Take some away first.",
            ));
        }
        let mut writes = vec![Write::RecordDelete(tenant.clone(), GROUP.to_owned(), id, record.rev)];
        for assignment in self.engine.assignments_of(tenant, id).await? {
            writes.push(Write::LinksOfDelete(tenant.clone(), assignment.id));
        }
        writes.push(Write::RecordsOfDelete(tenant.clone(), id));
        for assignment in limited {
            if self
                .engine
                .store
                .record(tenant, ASSIGNMENT, assignment)
                .await?
                .is_some_and(|r| r.owner != Some(id))
            {
                writes.push(Write::RecordDelete(tenant.clone(), ASSIGNMENT.to_owned(), assignment, 1));
            }
            writes.push(Write::LinksOfDelete(tenant.clone(), assignment));
        }
        writes.push(Write::LinksOfDelete(tenant.clone(), id));
        writes.push(Write::Audit(self.event("group.deleted", tenant).on(format!("group:{id}"))));
        self.commit(writes, TAKEN).await
    }

    pub(super) async fn group_record(&self, tenant: &TenantId, id: Uuid) -> Result<Record> {
        let found = self.engine.store.record(tenant, GROUP, id).await?;
        found.ok_or_else(|| Problem::not_found("group"))
    }

    /// Who changes who is in a group gives what the group has, and gives its people into the hands of those whose
    /// roles are limited to it.
    pub(super) async fn must_cover_group(
        &self,
        authority: &Authority,
        tenant: &TenantId,
        id: Uuid,
    ) -> Result<()> {
        let mut roles = BTreeMap::new();
        let mut powers = self.engine.powers_given(tenant, id, &mut roles).await?;
        let mut after = None;
        loop {
            // All of them: the one that gives most may be the last.
            let limited = self.engine.store.links_to(tenant, SCOPE, id, after, MOST_LIMITED).await?;
            let Some(last) = limited.last() else { return authority.must_cover(&powers) };
            after = Some(*last);
            for assignment in limited {
                let record = self.engine.store.record(tenant, ASSIGNMENT, assignment).await?;
                let Some(assignment) = record.as_ref().map(Assignment::of).transpose()? else { continue };
                let known = match roles.entry(assignment.role) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unread) => {
                        unread.insert(self.engine.role_by_id(tenant, assignment.role).await?)
                    }
                };
                if let Some(role) = known {
                    powers.join(Powers::of(role, None));
                }
            }
        }
    }
}
