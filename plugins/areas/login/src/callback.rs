//! `POST` and `GET /callback/{authenticator}`: something from outside moves a pending challenge.

use crate::{LoginTags, described::One};
use gatewright_core::Problem;
use gatewright_plugin::{
    Described, Handler, House, Incoming, Operation, Parameter, Reply, origin,
    outcome::{DOOR, example_of, message_schema, operation_word},
};
use poem::http::{Method, StatusCode, header};
use poem_openapi::{ApiResponse, OpenApi, payload::Html};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) fn describe(one: &One<'_>, described: &mut Described) {
    let id = &one.manifest.id;
    let plain = one.manifest.schemas.event.clone().unwrap_or_else(|| json!({}));
    let event = message_schema(described, id, "Event", &plain);
    let post = Operation {
        method: Method::POST,
        path: format!("/callback/{id}"),
        id: format!("callback_{}", operation_word(id)),
        tag: id.clone(),
        summary: format!("Report an event to {id}"),
        description:
            "For the device or the service that this authenticator waits for. Whether a challenge waits for \
                      the event is not said."
                .to_owned(),
        parameters: Vec::new(),
        request: Some((event, example_of(&plain))),
        responses: vec![(202, "Taken.".to_owned(), None)],
        security: Vec::new(),
        handler: handler(one.house.clone(), id.clone(), posted),
    };
    let get = Operation {
        method: Method::GET,
        id: format!("callback_{}_return", operation_word(id)),
        summary: format!("Come back to {id} from a redirect"),
        description: "For a browser that an identity provider sends back: the parameters of the query are the event, \
                      each of them a text. Answers with a redirect to a page without the query, so that a code in \
                      it does not stay in the address."
            .to_owned(),
        parameters: parameters(&plain),
        request: None,
        responses: vec![(303, "Taken. `Location` leads to `/auth/v1/callback`.".to_owned(), None)],
        handler: handler(one.house.clone(), id.clone(), returned),
        ..post.clone()
    };
    described.operations.extend([post, get]);
}

fn parameters(event: &Value) -> Vec<Parameter> {
    let members = event["properties"].as_object().into_iter().flatten();
    let parameter = |(name, schema): (&String, &Value)| Parameter {
        name: name.clone(),
        place: "query",
        description: schema["description"].as_str().unwrap_or("Part of the event.").to_owned(),
        schema: json!({"type": "string"}),
    };
    members.map(parameter).collect()
}

/// What is to be signalled, and what to answer when it has been.
type Read = fn(&mut Incoming) -> Result<(Value, Reply), Problem>;

fn handler(house: House, id: String, read: Read) -> Handler {
    Arc::new(move |mut incoming| {
        let (house, id) = (house.clone(), id.clone());
        Box::pin(async move {
            let (event, reply) = read(&mut incoming)?;
            house.engine.signal(&id, event, &origin(&incoming.request, DOOR)).await?;
            Ok(reply)
        })
    })
}

fn posted(incoming: &mut Incoming) -> Result<(Value, Reply), Problem> {
    let reply = Reply { status: StatusCode::ACCEPTED, body: Value::Null, headers: Vec::new() };
    Ok((incoming.body.take(), reply))
}

fn returned(incoming: &mut Incoming) -> Result<(Value, Reply), Problem> {
    let query = incoming.request.params::<Vec<(String, String)>>();
    let query = query.map_err(|_| Problem::invalid("The query can't be read."))?;
    let mut event = Map::new();
    for (name, value) in query {
        // Of two values the one that was checked elsewhere may be the other one.
        if event.insert(name, value.into()).is_some() {
            return Err(Problem::invalid("The query has a parameter twice."));
        }
    }
    // Relative (RFC 9110, section 10.2.2), for a proxy that has put a prefix before all paths.
    let location = (header::LOCATION, "../callback".to_owned());
    let reply = Reply { status: StatusCode::SEE_OTHER, body: Value::Null, headers: vec![location] };
    Ok((event.into(), reply))
}

pub(crate) struct Returned;

const PAGE: &str = include_str!("returned.html");

#[derive(ApiResponse)]
enum ReturnedReply {
    /// The same page for everybody.
    #[oai(status = 200)]
    Page(Html<&'static str>),
}

#[OpenApi]
impl Returned {
    /// The page that a browser sees after a redirect
    ///
    /// Says that the window can be closed; the login goes on in the window where it began.
    #[oai(path = "/callback", method = "get", operation_id = "login_returned", tag = "LoginTags::Login")]
    async fn page(&self) -> ReturnedReply {
        ReturnedReply::Page(Html(PAGE))
    }
}
