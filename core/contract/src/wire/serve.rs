//! The side of the authenticator.

use super::{Reply, Request, Word, request::taken};
use crate::{DynAuthenticator, Fault, Timestamp};
use serde_json::Value;

/// Does what a method asks, on the bytes of a [`Request`], and gives those of a [`Reply`].
///
/// # Errors
/// Those of the authenticator; [`Fault::Internal`] for a request without its shape or an unknown method.
pub async fn serve(plugin: &dyn DynAuthenticator, method: &str, request: &[u8]) -> Result<Vec<u8>, Fault> {
    reply(plugin, method, Request::read(request)?).await?.to_bytes()
}

async fn reply(
    plugin: &dyn DynAuthenticator,
    method: &str,
    mut request: Request<'_>,
) -> Result<Reply, Fault> {
    let r = &mut request;
    Ok(match method {
        "challenge" => {
            let begin = taken(&mut r.begin);
            Reply::of_challenge(plugin.challenge(r.call(begin)?).await?)
        }
        "verify" => {
            let body = (taken(&mut r.state), taken(&mut r.answer));
            Reply::of_verdict(plugin.verify(r.call(body)?).await?)
        }
        "invite" => {
            let invite = taken(&mut r.invite);
            Reply::of_invitation(plugin.invite(r.call(invite)?).await?)
        }
        "enrol" => {
            let body = (taken(&mut r.draft), taken(&mut r.proof));
            Reply::of_enrolment(plugin.enrol(r.call(body)?).await?)
        }
        "identify" => {
            let body = (taken(&mut r.state), taken(&mut r.answer));
            let found = plugin.identify(r.call(body)?).await?;
            Reply { lookup: found.lookup, state: found.state.0, ..Reply::default() }
        }
        "signal" => {
            let body = (taken(&mut r.state), taken(&mut r.event));
            let moved = plugin.signal(r.call(body)?).await?;
            let outcome = Some(if moved.is_some() { Word::Moved } else { Word::Refused });
            Reply { outcome, state: moved.map_or(Value::Null, |s| s.0), ..Reply::default() }
        }
        "attend" => {
            let ask = taken(&mut r.ask);
            let told = plugin.attend(r.call(ask)?).await?;
            let outcome = Some(if told.is_some() { Word::Answered } else { Word::Refused });
            Reply { outcome, reply: told.unwrap_or(Value::Null), ..Reply::default() }
        }
        other => beside(plugin, other, r).await?,
    })
}

/// Methods that are no step of a conversation.
async fn beside(plugin: &dyn DynAuthenticator, method: &str, r: &mut Request<'_>) -> Result<Reply, Fault> {
    let now = r.now.unwrap_or(Timestamp(0));
    Ok(match method {
        "correlate" => {
            Reply { lookup: Some(plugin.correlate(&taken(&mut r.event)).await?), ..Reply::default() }
        }
        "speaks_for" => Reply { lookup: plugin.speaks_for(&taken(&mut r.event)).await?, ..Reply::default() },
        "asker" => Reply { lookup: Some(plugin.asker(&taken(&mut r.ask)).await?), ..Reply::default() },
        "describe" => Reply { details: plugin.describe(taken(&mut r.doc)).await?, ..Reply::default() },
        "migrate" => {
            let from = r.from.ok_or_else(|| Fault::internal("migrate without `from`"))?;
            Reply { doc: plugin.migrate(from, taken(&mut r.doc)).await?.0, ..Reply::default() }
        }
        "prove" => {
            let rehearsed = plugin.prove(&taken(&mut r.invitation).0, now).await;
            Reply { rehearsed: rehearsed.unwrap_or(Value::Null), ..Reply::default() }
        }
        "answer" => {
            let (invitation, reveal) = (taken(&mut r.invitation).0, taken(&mut r.reveal).0);
            let prompt = taken(&mut r.prompt).0;
            let turn = r.turn.unwrap_or(0);
            let rehearsed = plugin.answer([&invitation, &reveal, &prompt], now, turn).await;
            Reply { rehearsed: rehearsed.unwrap_or(Value::Null), ..Reply::default() }
        }
        _ => return Err(Fault::internal(format!("no such method: {method}"))),
    })
}
