//! `POST /enrol/{authenticator}/complete`

use crate::described::One;
use gatewright_core::{
    Problem,
    engine::{Enrolling, Progress, Wish},
};
use gatewright_plugin::{
    Described, Handler, House, Incoming, Operation, Reply, origin,
    outcome::{
        DOOR, EXAMPLE_HANDLE, Fields, Manner, Outcome, end_replaced, example_of, handle_schema,
        message_schema, operation_word, schema_name, secure,
    },
};
use poem::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn describe(one: &One<'_>, described: &mut Described) {
    let (id, schemas) = (&one.manifest.id, &one.manifest.schemas);
    let plain = schemas.proof.clone().unwrap_or_else(|| json!({}));
    let proof = message_schema(described, id, "Proof", &plain);
    let reveal = message_schema(described, id, "Reveal", schemas.reveal.as_ref().unwrap_or(&Value::Null));
    let request = described.schema(&schema_name(id, "Complete"), request(&proof));
    let reply = described.schema(&schema_name(id, "Enrolled"), reply(&reveal, one.outcome));
    described.operations.push(Operation {
        method: Method::POST,
        path: format!("/enrol/{id}/complete"),
        id: format!("enrol_{}_complete", operation_word(id)),
        tag: id.clone(),
        summary: format!("Set up {id}"),
        description: "Finishes what the invitation began. A proof that breaks a rule is 422 with the rules, and the \
                      invitation stays good. Where a login has asked for it, `login` says how that goes on; begun \
                      with `cookie: true`, `Set-Cookie` brings the session token at its end."
            .to_owned(),
        parameters: Vec::new(),
        request: Some((request, json!({"transaction": EXAMPLE_HANDLE, "proof": example_of(&plain)}))),
        responses: vec![
            (200, "It is set up.".to_owned(), Some(reply)),
            (202, "A device has not answered yet: send the same again.".to_owned(), Some(one.pending.clone())),
        ],
        security: Vec::new(),
        handler: handler(one.house.clone(), id.clone()),
    });
}

fn request(proof: &Value) -> Value {
    json!({
        "type": "object",
        "description": "What finishes the enrolment.",
        "required": ["transaction", "proof"],
        "additionalProperties": false,
        "properties": {
            "transaction": handle_schema("The handle that came with the invitation."),
            "proof": proof,
        },
    })
}

fn reply(reveal: &Value, outcome: &Value) -> Value {
    json!({
        "type": "object",
        "description": "What has been set up.",
        "required": ["credential_id", "reveal"],
        "properties": {
            "credential_id": {"type": "string", "format": "uuid", "description": "The new credential."},
            "reveal": reveal,
            "login": outcome,
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
    let mut fields = Fields::of(incoming.body, &["transaction", "proof"])?;
    let handle = fields.transaction()?;
    let proof = fields.required("proof")?;
    let origin = origin(&incoming.request, DOOR);
    let manner = Manner::of(house, &handle, &origin, secure(&incoming.request)).await?;
    let enrolled = match house.engine.enrol(&handle, id, proof, Wish::default(), &origin).await? {
        Enrolling::Done(enrolled) => enrolled,
        Enrolling::Pending { retry_after } => {
            let outcome = Outcome::of(house, Progress::Pending { retry_after }, manner).await?;
            return Ok(Reply { status: StatusCode::ACCEPTED, ..Reply::ok(outcome.body) });
        }
    };
    let mut reply = Reply::ok(json!({"credential_id": enrolled.credential, "reveal": enrolled.reveal.0}));
    if let Some(progress) = enrolled.progress {
        if let (Progress::Done(grant), true) = (&progress, manner.cookie) {
            end_replaced(house, &incoming.request, &grant.session, &origin).await;
        }
        let outcome = Outcome::of(house, progress, manner).await?;
        reply.body["login"] = outcome.body;
        reply.headers.extend(outcome.set_cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    }
    Ok(reply)
}
