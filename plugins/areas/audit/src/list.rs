//! `GET /audit`

use crate::{AuditTags, DOOR, tenant};
use data_encoding::HEXLOWER;
use gatewright_contract::{PersonId, Timestamp};
use gatewright_core::{
    Problem,
    audit::{AuditPage, Filter, Logged},
};
use gatewright_plugin::{BearerOrCookie, House, or_problem, origin, outcome::moment};
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json, types::Example};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub(crate) struct List(House);

impl List {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// Something that happened.
#[derive(Object)]
#[oai(rename = "AuditLine", example)]
struct AuditLine {
    /// Its number in the tenant: 1, 2, 3, … without a gap.
    number: i64,
    /// When.
    at: OffsetDateTime,
    /// What, as `noun.verb`.
    kind: String,
    /// About whom.
    #[oai(skip_serializing_if_is_none)]
    person: Option<Uuid>,
    /// By whom, where it is somebody else.
    #[oai(skip_serializing_if_is_none)]
    actor: Option<Uuid>,
    /// In which session.
    #[oai(skip_serializing_if_is_none)]
    session: Option<Uuid>,
    /// With which authenticator.
    #[oai(skip_serializing_if_is_none)]
    authenticator: Option<String>,
    /// About what else, as `kind:id`.
    #[oai(skip_serializing_if_is_none)]
    target: Option<String>,
    /// `success`, or why not.
    outcome: String,
    /// Through which area of the API.
    door: String,
    /// From which network address.
    #[oai(skip_serializing_if_is_none)]
    address: Option<String>,
    /// Finds it in the log of the host.
    request_id: String,
    /// Its hash, in hexadecimal. Left out: from before there was a chain.
    #[oai(skip_serializing_if_is_none)]
    hash: Option<String>,
}

/// Some lines of the log.
#[derive(Object)]
#[oai(rename = "AuditPage", example)]
struct Page {
    /// The tenant.
    tenant: String,
    /// The lines, newest first.
    lines: Vec<AuditLine>,
    /// The `before` of the next page. Left out: there is none.
    #[oai(skip_serializing_if_is_none)]
    next: Option<i64>,
}

impl From<Logged> for AuditLine {
    fn from(Logged { number, event, hash }: Logged) -> Self {
        Self {
            number,
            at: moment(event.at),
            kind: event.kind,
            person: event.person.map(|id| id.0),
            actor: event.actor.map(|id| id.0),
            session: event.session.map(|id| id.0),
            authenticator: event.authenticator,
            target: event.target,
            outcome: event.outcome,
            door: event.door,
            address: event.address,
            request_id: event.request_id,
            hash: hash.map(|hash| HEXLOWER.encode(&hash)),
        }
    }
}

impl Example for AuditLine {
    fn example() -> Self {
        Self {
            number: 1066,
            at: datetime!(2026-01-01 12:00 UTC),
            kind: "login.finished".to_owned(),
            person: Some(Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0001)),
            actor: None,
            session: Some(Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0002)),
            authenticator: Some("password".to_owned()),
            target: None,
            outcome: "success".to_owned(),
            door: "login".to_owned(),
            address: Some("192.0.2.7".to_owned()),
            request_id: "0198c5a000007000800000000000000a".to_owned(),
            hash: Some("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03".to_owned()),
        }
    }
}

impl Example for Page {
    fn example() -> Self {
        Self { tenant: "default".to_owned(), lines: vec![AuditLine::example()], next: Some(1066) }
    }
}

#[derive(ApiResponse)]
enum ListReply {
    /// The lines, newest first.
    #[oai(status = 200)]
    Page(Json<Page>),
}

/// What is asked for.
struct Asked {
    tenant: Option<String>,
    filter: Filter,
    limit: u32,
}

fn at(moment: OffsetDateTime) -> Timestamp {
    Timestamp(i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
}

fn usual() -> u32 {
    50
}

#[OpenApi]
impl List {
    /// Read the log
    ///
    /// Newest line first. All that is given must hold. That it was read is noted in the log.
    #[oai(path = "/", method = "get", operation_id = "audit", tag = "AuditTags::Audit")]
    #[allow(clippy::too_many_arguments, reason = "each is a parameter of the operation")]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant. Left out: the caller's.
        #[oai(validator(max_length = 64))]
        tenant: Query<Option<String>>,
        /// Only lines about this person.
        person: Query<Option<Uuid>>,
        /// Only lines by this person.
        actor: Query<Option<Uuid>>,
        /// Only lines of this kind: `person.created`, or `person.*` for all of a noun.
        #[oai(validator(max_length = 64))]
        kind: Query<Option<String>>,
        /// Only lines with this outcome, such as `success`.
        #[oai(validator(max_length = 64))]
        outcome: Query<Option<String>>,
        /// Only lines at this time or later.
        from: Query<Option<OffsetDateTime>>,
        /// Only lines before this time.
        until: Query<Option<OffsetDateTime>>,
        /// Only lines before this number: `next` of the page before.
        before: Query<Option<i64>>,
        /// How many.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> poem::Result<ListReply> {
        let filter = Filter {
            before: before.0,
            person: person.0.map(PersonId),
            actor: actor.0.map(PersonId),
            kind: kind.0,
            outcome: outcome.0,
            from: from.0.map(at),
            until: until.0.map(at),
        };
        or_problem(self.run(request, caller, Asked { tenant: tenant.0, filter, limit: limit.0 }).await)
    }
}

impl List {
    async fn run(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        asked: Asked,
    ) -> Result<ListReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked.tenant)?;
        let origin = origin(request, DOOR);
        let AuditPage { lines, next } =
            self.0.engine.read_audit(&caller, &tenant, &asked.filter, asked.limit, &origin).await?;
        let lines = lines.into_iter().map(AuditLine::from).collect();
        Ok(ListReply::Page(Json(Page { tenant: tenant.to_string(), lines, next })))
    }
}
