//! Judging an answer: credentials, the authenticator's verdict, and whether it may stand.

use super::{
    Engine,
    credentials::HeldCredentials,
    step::{Loaded, known_as},
    tries::Counted,
};
use crate::{Origin, Person, problem::Result};
use gatewright_contract::{Body, Call, DynAuthenticator, Effects, Outcome, RawVerdict, Refusal, Scope};
use serde_json::Value;

/// What the authenticator said, and on what.
pub(super) struct Judged {
    pub(super) verdict: RawVerdict,
    pub(super) held: HeldCredentials,
}

impl Engine {
    /// Asks the authenticator. Somebody locked or disabled has no credentials here, so that the answer
    /// costs what it costs for an unknown person, and is refused.
    pub(super) async fn judge(
        &self,
        loaded: &Loaded,
        plugin: &dyn DynAuthenticator,
        (state, answer): (Body, Value),
        counted: &Counted,
        origin: &Origin,
    ) -> Result<Judged> {
        let mut scope = self.scope(loaded, origin);
        let mut held = self.held(loaded, plugin).await?;
        if counted.locked {
            self.keep_out(loaded, plugin, (&mut scope, &mut held)).await?;
        }
        let call = Call { scope: &scope, credentials: &held.opened, body: (state, Body(answer)) };
        let mut verdict = plugin.verify(call).await?;
        let may = loaded.person.as_ref().is_some_and(Person::may_log_in) && !counted.locked;
        let admissible = may && rests_on_what_was_seen(&verdict, &held);
        if !admissible && matches!(verdict.outcome, Outcome::Accepted(_)) {
            verdict = RawVerdict::refused(Refusal::NotEnrolled);
        }
        if !admissible {
            verdict.effects = Effects::none();
        }
        Ok(Judged { verdict, held })
    }

    /// What a step is handed for somebody who is locked.
    pub(super) async fn keep_out(
        &self,
        loaded: &Loaded,
        plugin: &dyn DynAuthenticator,
        (scope, held): (&mut Scope, &mut HeldCredentials),
    ) -> Result<()> {
        held.opened.clear();
        // What asks elsewhere (a directory) must not go on guessing there.
        scope.person = None;
        if plugin.manifest().asking_counts {
            // What it makes up for who has nothing must not be told from what it has made up before the lock: whose was real
            // then would be seen by its change. So it changes for everybody, and back when the lock is over.
            let name = known_as(&loaded.transaction, loaded.person.as_ref());
            // No login name begins with NUL.
            scope.pseudonym = self.pseudonym(&loaded.tenant.id, &format!("\0locked|{name}")).await?;
        }
        Ok(())
    }
}

/// Where a credential could not be opened, nobody gets in without one: it might have said no (an account that is tied to
/// another entry of the directory).
fn rests_on_what_was_seen(verdict: &RawVerdict, held: &HeldCredentials) -> bool {
    match &verdict.outcome {
        Outcome::Accepted(by) if held.left_out => {
            by.credential.is_some_and(|id| held.opened.iter().any(|h| h.id == id))
        }
        _ => true,
    }
}
