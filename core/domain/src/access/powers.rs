//! What somebody may do, all taken together.

use super::{ASSIGNMENT, Action, Assignment, BuiltIn, POWERFUL, Role, assignment::POWERS, role::ROLE};
use crate::{Engine, Person, groups::MEMBER, problem::Result};
use gatewright_contract::{PersonId, TenantId};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use uuid::Uuid;

/// Rows that are read at once.
const PAGE: u32 = 500;

/// What somebody may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Powers {
    /// In all of the tenant.
    everywhere: BTreeSet<Action>,
    /// With the people of a group.
    within: BTreeMap<Uuid, BTreeSet<Action>>,
    /// In every tenant.
    operator: bool,
}

impl Powers {
    /// Of the built-in role.
    pub fn built_in(role: BuiltIn) -> Self {
        let mut powers = Self::default();
        powers.add(role.actions(), None);
        powers.operator = role == BuiltIn::Operator;
        powers
    }

    /// Of a role, limited or not.
    pub fn of(role: &Role, scope: Option<Uuid>) -> Self {
        let mut powers = Self::default();
        powers.add(role.actions.iter().copied(), scope);
        powers.operator = role.id == BuiltIn::Operator.id();
        powers
    }

    /// Takes what others have as well.
    pub fn join(&mut self, other: Self) {
        self.add(other.everywhere, None);
        for (group, actions) in other.within {
            self.add(actions, Some(group));
        }
        self.operator |= other.operator;
    }

    fn add(&mut self, actions: impl IntoIterator<Item = Action>, scope: Option<Uuid>) {
        match scope {
            None => self.everywhere.extend(actions),
            Some(group) => self.within.entry(group).or_default().extend(actions),
        }
    }

    /// What is left of them with a token that is limited to these scopes: the other tenants by their own word only.
    pub(super) fn limited_to(mut self, scopes: &[String]) -> Self {
        self.everywhere.retain(|action| super::scope::cover(scopes, *action));
        for actions in self.within.values_mut() {
            actions.retain(|action| super::scope::cover(scopes, *action));
        }
        self.operator &= super::scope::cover(scopes, Action::HostTenants);
        self
    }

    /// In every tenant.
    pub fn is_operator(&self) -> bool {
        self.operator
    }

    /// Those that hold in all of the tenant.
    pub fn everywhere(&self) -> &BTreeSet<Action> {
        &self.everywhere
    }

    /// Those that hold for the people of a group.
    pub fn within(&self) -> &BTreeMap<Uuid, BTreeSet<Action>> {
        &self.within
    }

    /// Whether it is allowed in all of the tenant.
    pub fn has(&self, action: Action) -> bool {
        self.everywhere.contains(&action)
    }

    /// Whether it is allowed for somebody who is in these groups.
    pub fn has_for(&self, action: Action, groups: &[Uuid]) -> bool {
        let here = |group| self.within.get(group).is_some_and(|actions| actions.contains(&action));
        self.has(action) || groups.iter().any(here)
    }

    /// Whether it is allowed for anybody at all.
    pub fn has_somewhere(&self, action: Action) -> bool {
        self.has(action) || self.within.values().any(|actions| actions.contains(&action))
    }

    /// Whether these are all that the other has, with at least the same scope.
    pub fn covers(&self, other: &Self) -> bool {
        let none = BTreeSet::new();
        let same = |(group, actions): (&Uuid, &BTreeSet<Action>)| {
            let here = self.within.get(group).unwrap_or(&none);
            actions.iter().all(|action| self.has(*action) || here.contains(action))
        };
        // An operator through a limited token has not all actions, so that these count as well.
        (self.operator || !other.operator)
            && other.everywhere.is_subset(&self.everywhere)
            && other.within.iter().all(same)
    }
}

impl Engine {
    /// What a person may do, by themselves and through their groups.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn powers_of(&self, person: &Person) -> Result<Powers> {
        let mut powers = Powers::default();
        if person.administrator {
            let of_host = person.tenant == TenantId::default_tenant();
            let role = if of_host { BuiltIn::Operator } else { BuiltIn::Administrator };
            powers.join(Powers::built_in(role));
        }
        let mut known = BTreeMap::new();
        powers.join(self.powers_given(&person.tenant, person.id.0, &mut known).await?);
        let powerful = self.all_linked(&person.tenant, POWERFUL, POWERS).await?;
        if powerful.is_empty() {
            return Ok(powers);
        }
        for group in self.groups_of(&person.tenant, person.id).await? {
            if powerful.contains(&group) {
                powers.join(self.powers_given(&person.tenant, group, &mut known).await?);
            }
        }
        Ok(powers)
    }

    /// What was given to this person or group itself. `known`: roles that have been read.
    pub(crate) async fn powers_given(
        &self,
        tenant: &TenantId,
        owner: Uuid,
        known: &mut BTreeMap<Uuid, Option<Role>>,
    ) -> Result<Powers> {
        let mut powers = Powers::default();
        for assignment in self.assignments_of(tenant, owner).await? {
            if let Entry::Vacant(unread) = known.entry(assignment.role) {
                unread.insert(self.role_by_id(tenant, assignment.role).await?);
            }
            // A role that is gone gives nothing.
            if let Some(Some(role)) = known.get(&assignment.role) {
                powers.join(Powers::of(role, assignment.scope));
            }
        }
        Ok(powers)
    }

    pub(crate) async fn assignments_of(&self, tenant: &TenantId, owner: Uuid) -> Result<Vec<Assignment>> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.records_of(tenant, ASSIGNMENT, owner, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = Some(last.id);
            for record in &page {
                all.push(Assignment::of(record)?);
            }
            if page.len() < PAGE as usize {
                return Ok(all);
            }
        }
    }

    /// A role, built in or of this tenant.
    pub(crate) async fn role_by_id(&self, tenant: &TenantId, id: Uuid) -> Result<Option<Role>> {
        if let Some(role) = BuiltIn::of_id(id) {
            // The operator is of the host; nobody of another tenant can be one, whatever is stored.
            let fits = role != BuiltIn::Operator || *tenant == TenantId::default_tenant();
            return Ok(fits.then(|| role.into()));
        }
        self.store.record(tenant, ROLE, id).await?.as_ref().map(Role::of).transpose()
    }

    /// The groups that somebody is in.
    pub(crate) async fn groups_of(&self, tenant: &TenantId, person: PersonId) -> Result<Vec<Uuid>> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.links_to(tenant, MEMBER, person.0, after, PAGE).await?;
            after = page.last().copied();
            let full = page.len() == PAGE as usize;
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }

    /// Everything that is linked from this.
    pub(crate) async fn all_linked(
        &self,
        tenant: &TenantId,
        kind: &str,
        from: Uuid,
    ) -> Result<BTreeSet<Uuid>> {
        let (mut all, mut after) = (BTreeSet::new(), None);
        loop {
            let page = self.store.links_from(tenant, kind, from, after, PAGE).await?;
            after = page.last().copied();
            let full = page.len() == PAGE as usize;
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn powers(actions: &[Action], scope: Option<Uuid>) -> Powers {
        let mut powers = Powers::default();
        powers.add(actions.iter().copied(), scope);
        powers
    }

    #[test]
    fn who_has_all_of_it_covers_it_and_nobody_else() {
        use Action::{CredentialsWrite, PeopleRead};
        let (sales, staff) = (Some(Uuid::from_u128(100)), Some(Uuid::from_u128(101)));
        let everywhere = powers(&[PeopleRead, CredentialsWrite], None);
        let in_sales = powers(&[PeopleRead], sales);
        assert!(everywhere.covers(&everywhere) && everywhere.covers(&in_sales));
        assert!(!in_sales.covers(&everywhere) && !in_sales.covers(&powers(&[PeopleRead], None)));
        assert!(!in_sales.covers(&powers(&[PeopleRead], staff)), "another group");
        assert!(!in_sales.covers(&powers(&[CredentialsWrite], sales)), "another action");
        assert!(in_sales.covers(&Powers::default()), "who may nothing is covered by all");
    }

    #[test]
    fn a_tenants_administrator_does_not_cover_an_operator() {
        let (administrator, operator) =
            (Powers::built_in(BuiltIn::Administrator), Powers::built_in(BuiltIn::Operator));
        assert!(operator.covers(&administrator) && operator.covers(&operator));
        assert!(!administrator.covers(&operator));
    }

    #[test]
    fn a_limited_token_leaves_what_its_scopes_name() {
        let limited = |scopes: &[&str]| {
            let scopes: Vec<_> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            Powers::built_in(BuiltIn::Operator).limited_to(&scopes)
        };
        let people = limited(&["USER:READ"]);
        assert!(people.has(Action::PeopleRead) && !people.has(Action::PeopleWrite) && !people.is_operator());
        assert!(!people.covers(&powers(&[Action::CredentialsWrite], None)));
        let administrator = Powers::built_in(BuiltIn::Administrator);
        let admin = limited(&["admin"]);
        assert!(!admin.is_operator() && !admin.has(Action::HostTenants) && admin.covers(&administrator));
        let host = limited(&["host.tenants"]);
        assert!(host.is_operator() && !host.covers(&administrator), "there, and nothing else");
        assert!(limited(&["admin", "host.tenants"]).covers(&Powers::built_in(BuiltIn::Operator)));
        assert_eq!(limited(&["account", "openid"]), Powers::default());
        let group = Uuid::from_u128(100);
        let in_group = powers(&[Action::PeopleRead, Action::CredentialsWrite], Some(group));
        let left = in_group.limited_to(&["people.read".to_owned()]);
        assert!(left.has_for(Action::PeopleRead, &[group]) && !left.has_somewhere(Action::CredentialsWrite));
    }

    #[test]
    fn what_is_limited_to_a_group_holds_for_its_people_alone() {
        let sales = Uuid::from_u128(100);
        let powers = powers(&[Action::PeopleRead], Some(sales));
        assert!(powers.has_for(Action::PeopleRead, &[Uuid::from_u128(7), sales]));
        assert!(!powers.has_for(Action::PeopleRead, &[]) && !powers.has(Action::PeopleRead));
        assert!(powers.has_somewhere(Action::PeopleRead) && !powers.has_somewhere(Action::PeopleWrite));
    }
}
