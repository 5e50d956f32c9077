//! `newPassword`: a password that is changed along with a completion, because it is due or because somebody asks.

use crate::door::{Door, named};
use gatewright_core::{
    Grant, Origin, PlainToken, Problem,
    engine::{Enrolling, Inviter, NextStep, Progress, Wish},
};
use serde_json::{Value, json};

/// The authenticator whose credential it is.
const PASSWORD: &str = "password";

/// Follows the wish, where the answer has brought the login far enough: to its end, or to where nothing but a new
/// password is missing. Before that (a second factor is due) nothing is changed.
///
/// # Errors
/// 422 with the rules that it breaks. The login is over then: the client has no token to go on with.
pub(super) async fn follow(
    door: &Door,
    progress: Progress,
    wish: (Option<&str>, &Wish),
    origin: &Origin,
) -> Result<Progress, Problem> {
    let (new, wish) = wish;
    let Some(new) = named(new) else { return Ok(progress) };
    match progress {
        Progress::More(started)
            if started.next.step == NextStep::Enrol
                && started.next.authenticators.iter().any(|id| id == PASSWORD) =>
        {
            let set = due(door, started.handle.clone(), new, wish, origin).await;
            set.map(|progress| with_reveal(progress, started.reveal))
        }
        Progress::Done(grant) => asked_for(door, grant, new, origin).await,
        other => Ok(other),
    }
}

/// The login can't end without it.
async fn due(
    door: &Door,
    handle: PlainToken,
    new: &str,
    wish: &Wish,
    origin: &Origin,
) -> Result<Progress, Problem> {
    let engine = door.engine();
    let invited = engine.invite(Inviter::Transaction(handle), PASSWORD, json!({}), origin).await?;
    match engine.enrol(&invited.handle, PASSWORD, proof(new), wish.clone(), origin).await {
        Ok(Enrolling::Done(enrolled)) => enrolled.progress.ok_or_else(Problem::unknown_transaction),
        Ok(Enrolling::Pending { .. }) => Err(Problem::unknown_transaction()),
        Err(problem) => {
            engine.cancel(&invited.handle, origin).await?;
            Err(problem)
        }
    }
}

/// The login has ended: as in any session that is fresh. Where it can't be, there is none.
async fn asked_for(door: &Door, grant: Box<Grant>, new: &str, origin: &Origin) -> Result<Progress, Problem> {
    let engine = door.engine();
    let set = async {
        let caller = engine.check_login(&grant.access_token, grant.binding.as_ref()).await?;
        let invited = engine.invite(Inviter::Session(caller), PASSWORD, json!({}), origin).await?;
        engine.enrol(&invited.handle, PASSWORD, proof(new), Wish::default(), origin).await
    };
    match set.await {
        Ok(_) => Ok(Progress::Done(grant)),
        Err(problem) => {
            engine.end_by_token(&grant.access_token, origin).await?;
            Err(problem)
        }
    }
}

fn proof(new: &str) -> Value {
    json!({"password": new})
}

/// What was handed out with the answer is not lost.
fn with_reveal(progress: Progress, reveal: Option<gatewright_contract::Body>) -> Progress {
    match progress {
        Progress::Done(mut grant) => {
            grant.reveal = grant.reveal.or(reveal);
            Progress::Done(grant)
        }
        other => other,
    }
}
