//! `GET /audit/head`

use crate::{AuditTags, tenant};
use data_encoding::HEXLOWER;
use gatewright_core::Problem;
use gatewright_plugin::{BearerOrCookie, House, or_problem};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json, types::Example};

pub(crate) struct Head(House);

impl Head {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// Where the chain of a tenant ends.
#[derive(Object)]
#[oai(rename = "AuditHead", example)]
struct AuditHead {
    /// The tenant.
    tenant: String,
    /// Number of the last line; 0 where nothing was ever written.
    number: i64,
    /// Its hash, in hexadecimal.
    hash: String,
}

impl Example for AuditHead {
    fn example() -> Self {
        Self {
            tenant: "default".to_owned(),
            number: 1066,
            hash: "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03".to_owned(),
        }
    }
}

#[derive(ApiResponse)]
enum HeadReply {
    /// Where it ends now.
    #[oai(status = 200)]
    Head(Json<AuditHead>),
}

#[OpenApi]
impl Head {
    /// Where the log ends
    ///
    /// To be kept elsewhere: a log whose line of this number has another hash was written anew.
    #[oai(path = "/head", method = "get", operation_id = "audit_head", tag = "AuditTags::Audit")]
    async fn head(
        &self,
        caller: BearerOrCookie,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
    ) -> poem::Result<HeadReply> {
        or_problem(self.run(caller, asked.0).await)
    }
}

impl Head {
    async fn run(&self, caller: BearerOrCookie, asked: Option<String>) -> Result<HeadReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked)?;
        let head = self.0.engine.audit_end(&caller, &tenant).await?;
        let hash = HEXLOWER.encode(&head.hash);
        Ok(HeadReply::Head(Json(AuditHead { tenant: tenant.to_string(), number: head.number, hash })))
    }
}
