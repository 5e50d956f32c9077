//! `GET /audit/export`

use crate::{AuditTags, DOOR, tenant};
use futures_util::stream::{self, Stream};
use gatewright_contract::TenantId;
use gatewright_core::{Engine, Problem, audit::Line};
use gatewright_plugin::{BearerOrCookie, House, or_problem, origin};
use poem::{Body, Request};
use poem_openapi::{ApiResponse, OpenApi, param::Query, payload::Binary};
use std::{io, sync::Arc};

/// Lines that are in memory at the same time.
const PAGE: u32 = 500;

pub(crate) struct Export(House);

impl Export {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum ExportReply {
    /// The lines, oldest first, one JSON object a line.
    #[oai(status = 200, content_type = "application/x-ndjson")]
    Lines(Binary<Body>),
}

#[OpenApi]
impl Export {
    /// Take the log out
    ///
    /// Oldest line first, one JSON object a line, with everything that its hash is made of. Ends with the line that
    /// was the last when it was asked for. A reply that breaks off is not whole: go on with `after`.
    #[oai(path = "/export", method = "get", operation_id = "audit_export", tag = "AuditTags::Audit")]
    async fn export(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
        /// Only lines after this number: goes on where an earlier export ended.
        #[oai(validator(minimum(value = "0")))]
        after: Query<Option<i64>>,
    ) -> poem::Result<ExportReply> {
        or_problem(self.run(request, caller, asked.0, after.0.unwrap_or(0)).await)
    }
}

impl Export {
    async fn run(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        asked: Option<String>,
        after: i64,
    ) -> Result<ExportReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked)?;
        let end = self.0.engine.export_audit(&caller, &tenant, &origin(request, DOOR)).await?;
        let pages = pages(self.0.engine.clone(), tenant, after, end);
        Ok(ExportReply::Lines(Binary(Body::from_bytes_stream(pages))))
    }
}

/// The lines after one number up to another, page by page: each is read when the one before it has been sent.
fn pages(
    engine: Arc<Engine>,
    tenant: TenantId,
    after: i64,
    end: i64,
) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
    stream::try_unfold(after, move |after| {
        let (engine, tenant) = (engine.clone(), tenant.clone());
        async move {
            if after >= end {
                return Ok(None);
            }
            let page = engine.store().audit_from(&tenant, after, PAGE).await.map_err(io::Error::other)?;
            let Some(last) = page.last().map(|line| line.number) else { return Ok(None) };
            let lines =
                page.into_iter().filter(|line| line.number <= end).map(|line| Line::from(line).text());
            Ok(Some((lines.collect::<String>().into_bytes(), last)))
        }
    })
}
