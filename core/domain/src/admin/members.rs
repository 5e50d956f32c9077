//! Who is in a group.

use super::Admin;
use crate::{
    Person,
    access::{Action, Resource},
    groups::{GROUP, MEMBER, membership},
    problem::Result,
    store::Write,
};
use gatewright_contract::{PersonId, TenantId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// People who are put into a group, or taken out, at once.
const MOST_AT_ONCE: usize = 100;

impl Admin<'_> {
    /// A page of the people in a group, by id. Also for somebody whose role is limited to this group.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn members(
        &self,
        tenant: &TenantId,
        id: Uuid,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<Person>> {
        let on = Resource { group: Some(id), ..Resource::of(tenant) };
        self.may(Action::PeopleRead, &on).await?;
        self.group_record(tenant, id).await?;
        let limit = limit.clamp(1, super::PAGE);
        let page = self.engine.store.links_from(tenant, MEMBER, id, after.map(|p| p.0), limit).await?;
        let mut people = Vec::with_capacity(page.len());
        for person in page {
            people.extend(self.engine.store.person(tenant, PersonId(person)).await?);
        }
        Ok(people)
    }

    /// Puts people into a group. Those who are in it already stay.
    ///
    /// # Errors
    /// 403 also for who does not have what the group gives, 404 for the group or somebody who is not there, 422 for
    /// more than 100 at once.
    pub async fn add_members(&self, tenant: &TenantId, id: Uuid, people: &BTreeSet<PersonId>) -> Result<()> {
        let mut writes = self.membership_writes(tenant, id, people).await?;
        for person in people {
            let person = self.somebody(tenant, *person).await?;
            // Who is deleted meanwhile must not leave a link behind.
            writes.push(Write::PersonUnchanged(tenant.clone(), person.id, person.rev));
            writes.push(Write::LinkInsert(membership(tenant, id, person.id)));
            writes.push(Write::Audit(self.said("group.member-added", tenant, id, person.id)));
        }
        self.commit(writes, "The group was changed at the same time. Try again.").await
    }

    /// Takes people out of a group. Those who are not in it stay out.
    ///
    /// # Errors
    /// 403 also for who does not have what the group gives, 404 for the group, 422 for more than 100 at once.
    pub async fn remove_members(
        &self,
        tenant: &TenantId,
        id: Uuid,
        people: &BTreeSet<PersonId>,
    ) -> Result<()> {
        let mut writes = self.membership_writes(tenant, id, people).await?;
        for person in people {
            writes.push(Write::LinkDelete(membership(tenant, id, *person)));
            writes.push(Write::Audit(self.said("group.member-removed", tenant, id, *person)));
        }
        self.commit(writes, "The group was changed at the same time. Try again.").await
    }

    async fn membership_writes(
        &self,
        tenant: &TenantId,
        id: Uuid,
        people: &BTreeSet<PersonId>,
    ) -> Result<Vec<Write>> {
        let authority = self.may_change(Action::GroupsWrite, &Resource::of(tenant)).await?;
        let record = self.group_record(tenant, id).await?;
        self.must_cover_group(&authority, tenant, id).await?;
        match people.len() {
            1..=MOST_AT_ONCE => {
                Ok(vec![Write::RecordUnchanged(tenant.clone(), GROUP.to_owned(), id, record.rev)])
            }
            _ => Err(super::broken("people", "1 to 100 people at once.")),
        }
    }

    fn said(&self, kind: &str, tenant: &TenantId, id: Uuid, person: PersonId) -> crate::audit::Event {
        self.event(kind, tenant).about(Some(person)).on(format!("group:{id}"))
    }
}
