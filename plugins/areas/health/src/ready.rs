//! `GET /readyz`

use crate::{HealthTags, is_local, wire::HealthPlugin};
use gatewright_plugin::House;
use poem::Request;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, payload::Json, types::Example};

pub(crate) struct Ready(House);

impl Ready {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// Whether the server should get requests.
#[derive(Object)]
#[oai(rename = "HealthReadiness", example)]
struct HealthReadiness {
    /// Whether it should.
    status: HealthReady,
    /// Why not. Only for a caller on the same machine.
    #[oai(skip_serializing_if_is_none)]
    reason: Option<String>,
    /// How the plugins are. Only for a caller on the same machine.
    #[oai(skip_serializing_if_is_none)]
    plugins: Option<Vec<HealthPlugin>>,
}

/// `ready` or `not_ready`.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "HealthReady", rename_all = "snake_case")]
enum HealthReady {
    Ready,
    NotReady,
}

impl Example for HealthReadiness {
    fn example() -> Self {
        Self { status: HealthReady::Ready, reason: None, plugins: Some(vec![HealthPlugin::example()]) }
    }
}

#[derive(ApiResponse)]
enum ReadyReply {
    /// It takes requests.
    #[oai(status = 200)]
    Ready(Json<HealthReadiness>),
    /// It takes none now: it starts, it ends, or its database does not answer.
    #[oai(status = 503)]
    NotReady(Json<HealthReadiness>),
}

#[OpenApi]
impl Ready {
    /// Should the server get requests
    ///
    /// For a load balancer. A caller on the same machine also sees why not, and how each plugin is.
    #[oai(path = "/readyz", method = "get", operation_id = "readyz", tag = "HealthTags::Health")]
    async fn ready(&self, request: &Request) -> ReadyReply {
        let board = &self.0.health;
        let why_not = board.not_ready();
        let ready = why_not.is_none();
        let mut reply = HealthReadiness { status: HealthReady::Ready, reason: None, plugins: None };
        if is_local(request) {
            reply.reason = why_not;
            reply.plugins = Some(HealthPlugin::all(board));
        }
        if ready {
            return ReadyReply::Ready(Json(reply));
        }
        reply.status = HealthReady::NotReady;
        ReadyReply::NotReady(Json(reply))
    }
}
