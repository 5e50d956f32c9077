//! `POST /login/{authenticator}`

use crate::described::One;
use gatewright_contract::Body;
use gatewright_core::{
    Problem,
    engine::{Progress, Wish},
};
use gatewright_plugin::{
    Described, Handler, House, Incoming, Operation, Reply, origin,
    outcome::{
        DOOR, EXAMPLE_HANDLE, Fields, Manner, Outcome, device_cookie, end_replaced, example_of,
        handle_schema, message_schema, operation_word, outcome_schema, schema_name, secure, shown_device,
        trusted,
    },
};
use poem::http::{Method, header};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn describe(one: &One<'_>, described: &mut Described) {
    let id = &one.manifest.id;
    let answer = message_schema(described, id, "Answer", &one.manifest.schemas.answer);
    let request = described.schema(&schema_name(id, "Login"), request(&answer));
    let outcome = outcome_schema(described, id, one.progress, one.pending, &one.prompt);
    let example = json!({"transaction": EXAMPLE_HANDLE, "answer": example_of(&one.manifest.schemas.answer)});
    described.operations.push(Operation {
        method: Method::POST,
        path: format!("/login/{id}"),
        id: format!("login_{}", operation_word(id)),
        tag: id.clone(),
        summary: format!("Answer with {id}"),
        description: "Judges the answer. A wrong one is 401 and the handle stays good, until there have been too many. \
                      The refusal is the same for somebody who does not exist, is locked or disabled.\n\n\
                      In a login that was begun with `cookie: true`, `Set-Cookie` brings the session token at the end.\n\n\
                      A browser that is trusted (`trust_browser`) shows its cookie after the first factor, which then \
                      stands for the second."
            .to_owned(),
        parameters: Vec::new(),
        request: Some((request, example)),
        responses: vec![(200, "Not refused: how far the login has come.".to_owned(), Some(outcome))],
        security: Vec::new(),
        handler: handler(one.house.clone(), id.clone()),
    });
}

fn request(answer: &Value) -> Value {
    json!({
        "type": "object",
        "description": "The answer, and the login that it is for.",
        "required": ["transaction", "answer"],
        "additionalProperties": false,
        "properties": {
            "transaction": handle_schema("The newest handle of the login."),
            "answer": answer,
            "trust_browser": {
                "type": "boolean", "default": false,
                "description": "Ask no second factor of this browser for some time, where the tenant allows it and this \
                                login ends with one: `Set-Cookie` brings what the browser is known by.",
            },
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
    let mut fields = Fields::of(incoming.body, &["transaction", "answer", "trust_browser"])?;
    let handle = fields.transaction()?;
    let answer = fields.required("answer")?;
    let trust = fields.flag("trust_browser")?;
    let request = &incoming.request;
    let origin = origin(request, DOOR);
    let manner = Manner::of(house, &handle, &origin, secure(request)).await?;
    let wish = Wish { remember: trust.then(|| Body(trusted(&origin))), ..Wish::default() };
    let shown = (wish, shown_device(request));
    let answered = house.engine.answer_on_device(&handle, id, answer, shown, &origin).await?;
    if let (Progress::Done(grant), true) = (&answered.progress, manner.cookie) {
        end_replaced(house, request, &grant.session, &origin).await;
    }
    let outcome = Outcome::of(house, answered.progress, manner).await?;
    let mut reply = Reply::ok(outcome.body);
    let cookies = [outcome.set_cookie, device_cookie(request, answered.device)];
    reply.headers.extend(cookies.into_iter().flatten().map(|cookie| (header::SET_COOKIE, cookie)));
    Ok(reply)
}
