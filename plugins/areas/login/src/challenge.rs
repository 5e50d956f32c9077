//! `POST /login/{authenticator}/challenge`

use crate::described::One;
use gatewright_core::Problem;
use gatewright_plugin::{
    Described, Handler, House, Incoming, Operation, Reply, origin,
    outcome::{
        DOOR, EXAMPLE_HANDLE, Fields, example_of, handle_schema, message_schema, operation_word, rfc3339,
        schema_name, time_schema,
    },
};
use poem::http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn describe(one: &One<'_>, described: &mut Described) {
    let id = &one.manifest.id;
    let begin = message_schema(described, id, "Begin", &one.manifest.schemas.begin);
    let request = described.schema(&schema_name(id, "Challenge"), request(&begin));
    let reply = described.schema(&schema_name(id, "Challenged"), reply(&one.prompt));
    let mut example = json!({"transaction": EXAMPLE_HANDLE});
    let body = example_of(&one.manifest.schemas.begin);
    if body.as_object().is_some_and(|members| !members.is_empty()) {
        example["begin"] = body;
    }
    described.operations.push(Operation {
        method: Method::POST,
        path: format!("/login/{id}/challenge"),
        id: format!("login_{}_challenge", operation_word(id)),
        tag: id.clone(),
        summary: format!("Ask for a challenge of {id}"),
        description: "Asks the person something in a login that is under way. May be left out for an authenticator \
                      that needs no input here and sends nothing to anybody (a password): it can be answered at once."
            .to_owned(),
        parameters: Vec::new(),
        request: Some((request, example)),
        responses: vec![(200, "Asked. The reply is the same for people who do not exist.".to_owned(), Some(reply))],
        security: Vec::new(),
        handler: handler(one.house.clone(), id.clone()),
    });
}

fn request(begin: &Value) -> Value {
    json!({
        "type": "object",
        "description": "What to ask, and in which login.",
        "required": ["transaction"],
        "additionalProperties": false,
        "properties": {
            "transaction": handle_schema("The newest handle of the login."),
            "begin": begin,
        },
    })
}

fn reply(prompt: &Value) -> Value {
    json!({
        "type": "object",
        "description": "What the person is asked.",
        "required": ["transaction", "expires_at", "answer_by", "prompt"],
        "properties": {
            "transaction": {
                "type": "string", "description": "Handle for the next step; the one before is no longer good.",
            },
            "expires_at": time_schema("End of the transaction."),
            "answer_by": time_schema("Until when the answer to this challenge counts."),
            "prompt": prompt,
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
    let mut fields = Fields::of(incoming.body, &["transaction", "begin"])?;
    let handle = fields.transaction()?;
    let origin = origin(&incoming.request, DOOR);
    let asked = house.engine.challenge(&handle, id, fields.or_empty("begin"), &origin).await?;
    Ok(Reply::ok(json!({
        "transaction": asked.handle.expose(),
        "expires_at": rfc3339(asked.expires),
        "answer_by": rfc3339(asked.answer_by),
        "prompt": asked.prompt,
    })))
}
