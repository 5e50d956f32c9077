//! `POST /device/{authenticator}`: the holder of a credential asks outside of any login.

use crate::described::One;
use gatewright_contract::TenantId;
use gatewright_core::Problem;
use gatewright_plugin::{
    Described, Handler, House, Incoming, Operation, Reply, origin,
    outcome::{DOOR, Fields, example_of, message_schema, operation_word, schema_name},
};
use poem::http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn describe(one: &One<'_>, described: &mut Described) {
    let id = &one.manifest.id;
    let schemas = &one.manifest.schemas;
    let plain = schemas.ask.clone().unwrap_or(Value::Null);
    let ask = message_schema(described, id, "Ask", &plain);
    let told = message_schema(described, id, "Reply", schemas.reply.as_ref().unwrap_or(&Value::Null));
    let request = described.schema(&schema_name(id, "Device"), request(&ask));
    described.operations.push(Operation {
        method: Method::POST,
        path: format!("/device/{id}"),
        id: format!("device_{}", operation_word(id)),
        tag: id.clone(),
        summary: format!("Ask as a device of {id}"),
        description:
            "For a device that somebody has set up: it fetches what waits for it. A device that is not known \
                      and one that is not believed are refused alike."
                .to_owned(),
        parameters: Vec::new(),
        request: Some((request, json!({"tenant": TenantId::default_tenant(), "ask": example_of(&plain)}))),
        responses: vec![(200, "What there is to tell.".to_owned(), Some(told))],
        security: Vec::new(),
        handler: handler(one.house.clone(), id.clone()),
    });
}

fn request(ask: &Value) -> Value {
    json!({
        "type": "object",
        "description": "What a device asks.",
        "required": ["ask"],
        "additionalProperties": false,
        "properties": {
            "tenant": {
                "type": "string", "maxLength": 64, "pattern": "^[a-z0-9][a-z0-9-]*$", "default": "default",
                "description": "The tenant in which the device was set up.",
            },
            "ask": ask,
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
    let mut fields = Fields::of(incoming.body, &["tenant", "ask"])?;
    let tenant = match fields.text("tenant")? {
        Some(name) => TenantId::parse(&name).ok_or_else(|| Problem::not_found("tenant"))?,
        None => TenantId::default_tenant(),
    };
    let ask = fields.required("ask")?;
    let told = house.engine.attend(&tenant, id, ask, &origin(&incoming.request, DOOR)).await?;
    Ok(Reply::ok(told))
}
