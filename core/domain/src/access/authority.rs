//! The one question.

use super::{Action, Powers, Resource};
use crate::{
    Engine,
    problem::{Problem, Result},
    session::Caller,
};
use gatewright_contract::PersonId;

/// Who was found to be allowed something, and all that they may.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Who; none: somebody at the machine, who may everything.
    pub actor: Option<PersonId>,
    /// What they may, with the token that they came with.
    pub powers: Powers,
}

impl Authority {
    /// Nobody gives what they have not, nor takes over somebody who may more: the one rule against escalation.
    ///
    /// # Errors
    /// 403.
    pub fn must_cover(&self, other: &Powers) -> Result<()> {
        match self.actor.is_none() || self.powers.covers(other) {
            true => Ok(()),
            false => Err(Problem::forbidden(
                "This concerns permissions that you do not have yourself, or have for fewer people. \
                 Ask somebody who has them.",
            )),
        }
    }
}

impl Engine {
    /// Whether the caller may do this. Asked by every area before it does anything for an administrator.
    ///
    /// # Errors
    /// 404 for another tenant, as if it were not there; 403 for an action that the caller does not have.
    pub async fn allow(&self, caller: &Caller, action: Action, on: &Resource) -> Result<()> {
        self.authority(caller, action, on).await.map(|_| ())
    }

    /// [`Engine::allow`], and what else the caller may.
    ///
    /// # Errors
    /// Those of [`Engine::allow`].
    pub async fn authority(&self, caller: &Caller, action: Action, on: &Resource) -> Result<Authority> {
        let person = self.person_of(caller).await?;
        let mut powers = self.powers_of(&person).await?;
        if let Some(scopes) = &caller.scopes {
            if !super::scope::cover(scopes, action) {
                return Err(Problem::lacks(action));
            }
            // What the token is not good for, it neither gives to others nor takes over.
            powers = powers.limited_to(scopes);
        }
        if person.tenant != on.tenant {
            // Only an operator's question reads anything: to all others each foreign tenant is like none.
            let there = powers.is_operator() && self.store.tenant(&on.tenant).await?.is_some();
            if !there {
                return Err(Problem::not_found("tenant"));
            }
        }
        let limited = !powers.has(action) && powers.has_somewhere(action);
        let groups = match (on.group, on.person) {
            (Some(group), _) => vec![group],
            (None, Some(person)) if limited => self.groups_of(&on.tenant, person).await?,
            _ => Vec::new(),
        };
        match powers.has_for(action, &groups) {
            true => Ok(Authority { actor: Some(person.id), powers }),
            false => Err(Problem::lacks(action)),
        }
    }
}
