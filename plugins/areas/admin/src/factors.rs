//! `POST /people/{person_id}/credentials/{authenticator}`: an operation of its own for each authenticator that can be
//! set up, made of its manifest.

use crate::desk::Desk;
use gatewright_contract::{DynAuthenticator, PersonId};
use gatewright_core::Problem;
use gatewright_plugin::{
    Described, Handler, House, Incoming, Operation, Parameter, Reply,
    outcome::{Fields, example_of, message_schema, operation_word, schema_name},
};
use poem::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// All of them.
pub(crate) fn of(house: &House) -> Described {
    let mut described = Described::default();
    for authenticator in house.catalogue.iter().filter(|a| a.manifest().abilities.enrol) {
        describe(house, &**authenticator, &mut described);
    }
    described
}

fn describe(house: &House, authenticator: &dyn DynAuthenticator, described: &mut Described) {
    let manifest = authenticator.manifest();
    let (id, schemas) = (&manifest.id, &manifest.schemas);
    let nothing = json!({});
    let plain = [&schemas.invite, &schemas.proof].map(|schema| schema.as_ref().unwrap_or(&nothing));
    let [invite, proof] = [("Invite", plain[0]), ("Proof", plain[1])]
        .map(|(word, schema)| message_schema(described, id, word, schema));
    let reveal = message_schema(described, id, "Reveal", schemas.reveal.as_ref().unwrap_or(&Value::Null));
    let request = described.schema(&schema_name(id, "Set"), request(&invite, &proof));
    let reply = described.schema(&schema_name(id, "WasSet"), reply(&reveal));
    let many = match manifest.traits.many {
        true => "It is one more beside those that are there.",
        false => "It comes in the place of the one that was there, and all sessions of the person end.",
    };
    described.operations.push(Operation {
        method: Method::POST,
        path: format!("/people/{{person_id}}/credentials/{id}"),
        id: format!("admin_set_credential_{}", operation_word(id)),
        tag: id.clone(),
        summary: format!("Set up {id} for somebody"),
        description: format!(
            "In one go: what the person would ask for and what they would prove. {many} Takes `credentials.write` and \
             all that the person may. 422 lists the rules that were broken; 409 where only the person can do it."
        ),
        parameters: parameters(),
        request: Some((request, example(plain))),
        responses: vec![(201, "It is set up; what is revealed is shown once.".to_owned(), Some(reply))],
        security: vec!["AccessToken", "SessionCookie"],
        handler: handler(house.clone(), id.clone()),
    });
}

fn parameters() -> Vec<Parameter> {
    vec![
        Parameter {
            name: "person_id".to_owned(),
            place: "path",
            description: "The person.".to_owned(),
            schema: json!({"type": "string", "format": "uuid"}),
        },
        Parameter {
            name: "tenant".to_owned(),
            place: "query",
            description: "The tenant; the caller's where it is left out.".to_owned(),
            schema: json!({"type": "string"}),
        },
    ]
}

fn request(invite: &Value, proof: &Value) -> Value {
    json!({
        "type": "object",
        "description": "What to set up.",
        "additionalProperties": false,
        "properties": {"invite": invite, "proof": proof},
    })
}

fn reply(reveal: &Value) -> Value {
    json!({
        "type": "object",
        "description": "What has been set up.",
        "required": ["credential_id", "reveal"],
        "properties": {
            "credential_id": {"type": "string", "format": "uuid", "description": "The new credential."},
            "reveal": reveal,
        },
    })
}

/// What has members is said; what is empty may be left out.
fn example([invite, proof]: [&Value; 2]) -> Value {
    let said = [("invite", example_of(invite)), ("proof", example_of(proof))].into_iter();
    let members = said.filter(|(_, value)| value.as_object().is_none_or(|members| !members.is_empty()));
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

fn handler(house: House, id: String) -> Handler {
    Arc::new(move |incoming| {
        let (house, id) = (house.clone(), id.clone());
        Box::pin(async move { run(&house, &id, incoming).await })
    })
}

/// What stands behind the path.
#[derive(Deserialize)]
struct Asked {
    tenant: Option<String>,
}

async fn run(house: &House, id: &str, incoming: Incoming) -> Result<Reply, Problem> {
    let request = &incoming.request;
    let asked: Asked = request.params().map_err(|_| Problem::invalid("tenant: at most once, as text."))?;
    let desk = Desk::of_request(house, request, asked.tenant).await?;
    let person = request.path_params::<Uuid>().map_err(|_| Problem::invalid("person_id: a UUID."))?;
    let mut fields = Fields::of(incoming.body, &["invite", "proof"])?;
    let bodies = (fields.or_empty("invite"), fields.or_empty("proof"));
    let set = desk.admin().set_credential(&desk.tenant, PersonId(person), id, bodies).await?;
    let body = json!({"credential_id": set.0, "reveal": set.1});
    Ok(Reply { status: StatusCode::CREATED, ..Reply::ok(body) })
}
