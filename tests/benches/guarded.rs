//! The least that a guarded operation can do, as an area; and the same reply from a bare poem handler.
#![allow(dead_code, reason = "each bench uses a part")]
#![allow(clippy::expect_used, reason = "a bench may stop")]

use gatewright_contract::{Fault, Nothing};
use gatewright_core::Problem;
use gatewright_plugin::{Area, BearerOrCookie, Descriptor, House, Mount, area_descriptor, or_problem};
use poem::{Endpoint, EndpointExt, Response, Route, endpoint::make_sync, get};
use poem_openapi::{ApiResponse, Object, OpenApi, OpenApiService, Tags, payload::Json};
use serde_json::{Value, json};

/// Where the operation is.
pub(crate) const PATH: &str = "/bench/check";

/// To be linked by hand.
pub(crate) fn descriptor() -> Descriptor {
    area_descriptor!(CheckArea)
}

struct CheckArea;

impl Area for CheckArea {
    const ID: &'static str = "bench-check";
    const ABOUT: &'static str = "One guarded operation, for benches.";
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        vec![Mount::new("/bench", Check(house.clone())).answering(|_| &[401])]
    }
}

#[derive(Tags)]
enum CheckTags {
    /// For benches.
    #[oai(rename = "bench-check")]
    Check,
}

/// Who is calling.
#[derive(Object)]
#[oai(rename = "CheckSeen")]
struct Seen {
    /// Whose session it is.
    person: String,
    /// The session.
    session: String,
    /// Assurance level.
    acr: String,
    /// The tenant.
    tenant: String,
}

#[derive(ApiResponse)]
enum SeenReply {
    /// Somebody who is logged in.
    #[oai(status = 200)]
    Seen(Json<Seen>),
}

struct Check(House);

#[OpenApi]
impl Check {
    /// Check a session
    #[oai(path = "/check", method = "get", operation_id = "bench_check", tag = "CheckTags::Check")]
    async fn check(&self, caller: BearerOrCookie) -> poem::Result<SeenReply> {
        or_problem(self.run(caller).await)
    }
}

impl Check {
    async fn run(&self, caller: BearerOrCookie) -> Result<SeenReply, Problem> {
        let session = caller.caller(&self.0).await?.session;
        Ok(SeenReply::Seen(Json(Seen {
            person: session.person.to_string(),
            session: session.id.to_string(),
            acr: session.acr.clone(),
            tenant: session.tenant.to_string(),
        })))
    }
}

/// A reply of the operation's size.
pub(crate) fn reply() -> Value {
    json!({
        "person": "018bcfe5-6800-7000-8000-000000000001", "session": "018bcfe5-6800-7000-8000-000000000002",
        "acr": "aal1", "tenant": "default",
    })
}

/// A route with a handler that answers with this.
pub(crate) fn bare(path: &str, reply: Value) -> impl Endpoint<Output = Response> + use<> {
    let handler = make_sync(move |_| poem::web::Json(reply.clone()));
    Route::new().at(path, get(handler)).map_to_response()
}

struct Unguarded(Value);

#[OpenApi]
impl Unguarded {
    #[oai(path = "/bench/check", method = "get")]
    async fn check(&self) -> Json<Value> {
        Json(self.0.clone())
    }
}

/// The same through poem-openapi, which all areas use.
pub(crate) fn described(reply: Value) -> impl Endpoint<Output = Response> + use<> {
    poem::IntoEndpoint::into_endpoint(OpenApiService::new(Unguarded(reply), "Bench", "1")).map_to_response()
}
