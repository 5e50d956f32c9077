//! `GET /healthz`

use crate::HealthTags;
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json, types::Example};

pub(crate) struct Live;

/// The process answers.
#[derive(Object)]
#[oai(rename = "HealthLive", example)]
struct HealthLive {
    /// Always `ok`.
    status: String,
}

impl Example for HealthLive {
    fn example() -> Self {
        Self { status: "ok".to_owned() }
    }
}

#[derive(ApiResponse)]
enum LiveReply {
    /// The process answers.
    #[oai(status = 200)]
    Alive(Json<HealthLive>),
}

#[OpenApi]
impl Live {
    /// Is the process alive
    ///
    /// Asks nothing else: a database that is away is no reason to restart the server.
    #[oai(path = "/healthz", method = "get", operation_id = "healthz", tag = "HealthTags::Health")]
    async fn live(&self) -> LiveReply {
        LiveReply::Alive(Json(HealthLive::example()))
    }
}
