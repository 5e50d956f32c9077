//! Replacing what was lost: who has proven that a mailbox is theirs sets up a new password, and logs in with it.

use super::{Engine, Progress, step::Loaded};
use crate::{
    Origin, Person,
    audit::Event,
    credential::StoredCredential,
    problem::{Problem, Result},
    store::Write,
};

impl Engine {
    /// Whether what was proven is enough to replace this.
    ///
    /// # Errors
    /// 409 for somebody who has nothing of the kind, whose has been replaced meanwhile, or a second factor of whom is
    /// what was proven.
    pub(super) fn may_replace(&self, loaded: &Loaded, held: &[StoredCredential]) -> Result<()> {
        if held.is_empty() {
            // Who never had a password must not get one by the way: it would be a new door to the account.
            return Err(Problem::conflict("There is nothing of this kind to be replaced on this account."));
        }
        if held.iter().any(|c| c.created > loaded.transaction.body.begun) {
            return Err(Problem::conflict("It has been replaced since this was begun. Begin anew."));
        }
        self.must_not_be_second(loaded)
    }

    /// Whether what was proven is enough to replace this, or to be the first that the person can log in by: an account that was
    /// made without anything gets it so. Where people also begin with what is not kept here (a directory, a link, an account
    /// elsewhere), nobody has nothing to log in by.
    ///
    /// # Errors
    /// Those of [`Engine::may_replace`]; 409 as well for somebody who may be able to log in otherwise.
    pub(super) fn may_replace_or_begin(&self, loaded: &Loaded, held: &[StoredCredential]) -> Result<()> {
        let catalogue = self.catalogue();
        let first = self.settings(loaded).policy.first_steps(&catalogue);
        let set_up = |id: &String| catalogue.manifest(id).is_some_and(|m| m.abilities.enrol);
        match held.is_empty() && loaded.enrolled.is_empty() && first.iter().all(set_up) {
            true => self.must_not_be_second(loaded),
            false => self.may_replace(loaded, held),
        }
    }

    /// Whether nothing that was proven is a second factor of this person too.
    fn must_not_be_second(&self, loaded: &Loaded) -> Result<()> {
        let body = &loaded.transaction.body;
        let catalogue = self.catalogue();
        let seconds = self.settings(loaded).policy.second_steps(&catalogue);
        let sends = |id: &str| catalogue.manifest(id).is_some_and(|m| m.sends);
        let same = |second: &String| {
            body.proofs
                .iter()
                .any(|p| p.authenticator == *second || (sends(&p.authenticator) && sends(second)))
        };
        if seconds.iter().any(|id| loaded.enrolled.contains(id) && same(id)) {
            // One mailbox would be both factors, whatever else there is: the login after it lets choose (OWASP ASVS 5,
            // 6.4.3).
            return Err(Problem::conflict(
                "What has just been proven is a second factor of this account as well; it can't replace the first. Ask an \
                 administrator.",
            ));
        }
        Ok(())
    }

    /// What was lost is replaced: every session of the person ends, and none begins.
    pub(super) fn reset(
        &self,
        loaded: &Loaded,
        person: &Person,
        writes: &mut Vec<Write>,
        origin: &Origin,
    ) -> Progress {
        let t = &loaded.transaction;
        writes.push(Write::TransactionDelete(t.id, t.rev - 1));
        writes.extend(Self::all_out(&person.tenant, person.id, None));
        let event = Event::new("credential.reset", &t.tenant, loaded.now, origin);
        writes.push(Write::Audit(event.about(Some(person.id)).with(t.body.reset.as_deref().unwrap_or("?"))));
        Progress::Reset
    }
}
