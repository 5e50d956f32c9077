//! `GET /metrics`

use crate::{Audience, HealthTags, is_local};
use gatewright_core::Problem;
use gatewright_plugin::{House, problem};
use poem::Request;
use poem_openapi::{ApiResponse, OpenApi, payload::PlainText};

pub(crate) struct Metrics {
    house: House,
    audience: Audience,
}

impl Metrics {
    pub(crate) fn new(house: &House, audience: Audience) -> Self {
        Self { house: house.clone(), audience }
    }
}

#[derive(ApiResponse)]
enum MetricsReply {
    /// The metrics, in the text format of Prometheus.
    #[oai(status = 200, content_type = "text/plain; version=0.0.4")]
    Metrics(PlainText<String>),
}

#[OpenApi]
impl Metrics {
    /// Metrics
    ///
    /// In the text format of Prometheus. Unless the configuration says otherwise, only for a caller on the same
    /// machine; for everybody else this is not there (404).
    #[oai(path = "/metrics", method = "get", operation_id = "metrics", tag = "HealthTags::Health")]
    async fn metrics(&self, request: &Request) -> poem::Result<MetricsReply> {
        let admitted = match self.audience {
            Audience::Loopback => is_local(request),
            Audience::Public => true,
            Audience::Off => false,
        };
        if !admitted {
            return Err(problem(Problem::not_found("resource")));
        }
        Ok(MetricsReply::Metrics(PlainText((self.house.metrics)())))
    }
}
