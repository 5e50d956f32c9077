//! Many credentials at once: a box of tokens.

use super::{Engine, challenge::step_conflict, provision::only_themselves, set_up::SetUp};
use crate::{
    Origin, Person,
    problem::{Problem, Result},
    store::Write,
};
use gatewright_contract::{LookupKey, PersonId};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Something that is to be set up for somebody. Not printed: it holds seeds.
pub struct Provided {
    /// For whom.
    pub person: Person,
    /// With which authenticator.
    pub authenticator: String,
    /// What its first step is sent.
    pub invite: Value,
    /// What its second step is sent.
    pub proof: Value,
}

impl Engine {
    /// Sets up all of them in one commit or, where one can't be, none. `write` false only looks whether they can be.
    ///
    /// The result is what is wrong with which, by its place in the list.
    ///
    /// # Errors
    /// When it could not be told: the store does not answer, or somebody changes the same people at the same time.
    pub async fn enrol_all(
        &self,
        list: Vec<Provided>,
        write: bool,
        origin: &Origin,
    ) -> Result<Vec<(usize, Problem)>> {
        let mut wrong = Vec::new();
        let mut writes = Vec::new();
        let mut bells = Vec::new();
        let mut changes: HashMap<PersonId, i64> = HashMap::new();
        let mut taken: HashSet<(String, LookupKey)> = HashSet::new();
        for (place, one) in list.into_iter().enumerate() {
            // Each enrolment raises the revision of the person on which the next one rests.
            let raised = changes.entry(one.person.id).or_default();
            let person = Person { rev: one.person.rev + *raised, ..one.person };
            let mut own = Vec::new();
            let sent = (one.invite, one.proof);
            match self.provide(&person, &one.authenticator, sent, &mut own, origin).await {
                Ok(SetUp::Done(_, _, posted)) => {
                    if let Some(problem) = self.is_taken(&own, &mut taken).await? {
                        wrong.push((place, problem));
                        continue;
                    }
                    *raised += 1;
                    writes.append(&mut own);
                    bells.push(posted);
                }
                Ok(SetUp::Pending(_)) => {
                    wrong.push((place, only_themselves()));
                }
                Err(problem) if problem.status < 500 => wrong.push((place, problem)),
                Err(problem) => return Err(problem),
            }
        }
        if write && wrong.is_empty() {
            self.store.commit(writes).await.map_err(step_conflict)?;
            bells.into_iter().for_each(|posted| posted.ring(&self.bell));
        }
        Ok(wrong)
    }

    /// Whether the name under which a credential is found belongs to another one, stored or earlier in the list.
    async fn is_taken(
        &self,
        writes: &[Write],
        taken: &mut HashSet<(String, LookupKey)>,
    ) -> Result<Option<Problem>> {
        let new = writes.iter().find_map(|write| match write {
            Write::CredentialInsert(new) => Some(new),
            _ => None,
        });
        let Some((new, key)) = new.and_then(|new| Some((new, new.lookup.clone()?))) else { return Ok(None) };
        let stored = self.store.credential_by_lookup(&new.tenant, &new.authenticator, &key).await?;
        let is_new = taken.insert((new.authenticator.clone(), key));
        let problem = || Problem::conflict("It has been set up already, for this person or for another one.");
        Ok((stored.is_some() || !is_new).then(problem))
    }
}
