//! `POST /enrol/{authenticator}`

use crate::described::One;
use gatewright_core::{Problem, engine::Inviter};
use gatewright_plugin::{
    BearerOrCookie, Described, Handler, House, Incoming, Operation, Reply, origin,
    outcome::{
        DOOR, Fields, bind_browser, example_of, from_browser, handle_schema, message_schema, operation_word,
        rfc3339, schema_name, time_schema,
    },
};
use poem::http::{Method, header};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn describe(one: &One<'_>, described: &mut Described) {
    let (id, schemas) = (&one.manifest.id, &one.manifest.schemas);
    let plain = schemas.invite.clone().unwrap_or_else(|| json!({}));
    let invite = message_schema(described, id, "Invite", &plain);
    let invitation = schemas.invitation.as_ref().unwrap_or(&Value::Null);
    let invitation = message_schema(described, id, "Invitation", invitation);
    let request = described.schema(&schema_name(id, "Enrol"), request(&invite));
    let reply = described.schema(&schema_name(id, "Invited"), reply(&invitation));
    let example = match example_of(&plain) {
        Value::Object(members) if members.is_empty() => json!({}),
        body => json!({"invite": body}),
    };
    described.operations.push(Operation {
        method: Method::POST,
        path: format!("/enrol/{id}"),
        id: format!("enrol_{}", operation_word(id)),
        tag: id.clone(),
        summary: format!("Ask to set up {id}"),
        description: "Without `transaction`: for the caller, whose login must be recent (403 `elevation_required` \
                      otherwise). With `transaction`: for the person of a login whose `next` is `enrol`; nobody needs \
                      to be logged in then."
            .to_owned(),
        parameters: Vec::new(),
        request: Some((request, example)),
        responses: vec![(200, "What the person is shown to set it up.".to_owned(), Some(reply))],
        security: vec!["AccessToken", "SessionCookie"],
        handler: handler(one.house.clone(), id.clone()),
    });
}

fn request(invite: &Value) -> Value {
    json!({
        "type": "object",
        "description": "What to set up, and for whom.",
        "additionalProperties": false,
        "properties": {
            "transaction": handle_schema("The newest handle of a login that demands it. Left out: for the caller."),
            "invite": invite,
        },
    })
}

fn reply(invitation: &Value) -> Value {
    json!({
        "type": "object",
        "description": "What is needed to set it up.",
        "required": ["transaction", "expires_at", "answer_by", "invitation"],
        "properties": {
            "transaction": {
                "type": "string", "description": "Handle for the next step; one that was sent is no longer good.",
            },
            "expires_at": time_schema("End of the transaction."),
            "answer_by": time_schema("Until when it can be completed."),
            "invitation": invitation,
        },
    })
}

fn handler(house: House, id: String) -> Handler {
    Arc::new(move |incoming| {
        let (house, id) = (house.clone(), id.clone());
        Box::pin(async move { run(&house, &id, incoming).await })
    })
}

async fn run(house: &House, id: &str, incoming: Incoming) -> Result<Reply, Problem> {
    let request = &incoming.request;
    let mut fields = Fields::of(incoming.body, &["transaction", "invite"])?;
    let mut origin = origin(request, DOOR);
    let (inviter, bound) = match fields.transaction_if_any()? {
        Some(handle) => (Inviter::Transaction(handle), None),
        None => {
            let caller = BearerOrCookie::caller_of(request, house).await?;
            // What sends the browser elsewhere must know it again; the cookie of its login may be gone by now.
            let catalogue = house.engine.catalogue();
            let leaves =
                catalogue.manifest(id).is_some_and(|m| m.abilities.same_browser) && from_browser(request);
            (Inviter::Session(caller), bind_browser(house, request, leaves, &mut origin)?)
        }
    };
    let asked = house.engine.invite(inviter, id, fields.or_empty("invite"), &origin).await?;
    let mut reply = Reply::ok(json!({
        "transaction": asked.handle.expose(),
        "expires_at": rfc3339(asked.expires),
        "answer_by": rfc3339(asked.answer_by),
        "invitation": asked.prompt,
    }));
    reply.headers.extend(bound.map(|bound| (header::SET_COOKIE, bound.set_cookie(house, asked.expires))));
    Ok(reply)
}
