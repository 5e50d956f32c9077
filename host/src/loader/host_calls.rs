//! What a library asks the host for, answered as far as its manifest lets it.

mod kv;
mod lines;
mod pace;
#[cfg(test)]
mod tests;

use super::{
    HostCalls, Needs,
    json::{self, legible},
    refusals::{Need, Refusals},
};
use crate::services::{Common, Services};
use gatewright_abi::{MAX_BYTES, MAX_METHOD};
use gatewright_contract::{
    BoxFut, Fault, Host, LogLevel, Manifest, TenantId,
    wire::{Refused, Status},
};
use lines::Lines;
use pace::Pace;
use serde_json::Value;
use std::sync::Arc;
use tokio::runtime::Handle;
use url::Url;

/// The host as one library sees it.
pub struct LibraryCalls {
    plugin: String,
    needs: Needs,
    host: Host,
    common: Common,
    refusals: Arc<Refusals>,
    lines: Lines,
    pace: Pace,
    runtime: Handle,
}

/// Why an answer is none: a status and an explanation for the plugin.
type Denied = (Status, Refused);

impl LibraryCalls {
    /// For a library whose manifest has been checked. Call it inside a runtime: what can't be waited for is written
    /// there.
    pub fn new(manifest: &Manifest, needs: Needs, common: &Common, refusals: Arc<Refusals>) -> Self {
        let plugin = manifest.id.clone();
        let host = Arc::new(Services::new(&plugin, &manifest.needs, common.clone()));
        let (lines, pace) = (Lines::new(common.world.clone()), Pace::new(common.world.clone()));
        let (common, runtime) = (common.clone(), Handle::current());
        Self { plugin, needs, host, common, refusals, lines, pace, runtime }
    }

    async fn answered(&self, tenants: &[TenantId], method: &str, args: &[u8]) -> Result<Vec<u8>, Denied> {
        if method.len() > MAX_METHOD {
            return Err((Status::UnknownMethod, Refused::saying("no such method")));
        }
        if !self.pace.holds() {
            if self.pace.is_to_be_told() {
                tracing::warn!(plugin = self.plugin, "a plugin asks the host for too much in a short time");
            }
            return Err((
                Status::Unavailable,
                Refused::saying("too much is asked of the host in a short time"),
            ));
        }
        let args = json::read(args, MAX_BYTES)
            .map_err(|mistake| (Status::BadRequest, Refused::saying(format!("the arguments: {mistake}"))))?;
        let reply = match method {
            "kv.get" | "kv.cas" => self.kept(tenants, method, args).await?,
            "http.fetch" => self.fetched(tenants, args).await?,
            service => self.served(tenants, service, args).await?,
        };
        let bytes = serde_json::to_vec(&reply).unwrap_or_default();
        match bytes.len() > MAX_BYTES {
            true => {
                Err((Status::Unavailable, Refused::saying("the reply is longer than a plugin can be told")))
            }
            false => Ok(bytes),
        }
    }

    async fn kept(&self, tenants: &[TenantId], method: &str, args: Value) -> Result<Value, Denied> {
        if !self.needs.permits_kv() {
            return Err(self.refuse(tenants, Need::Kv, "", "kv").await);
        }
        let named = args.get("tenant").and_then(Value::as_str).unwrap_or_default();
        let Some(tenant) = tenants.iter().find(|tenant| tenant.as_str() == named) else {
            let denied = self.refuse(tenants, Need::Tenant, named, "").await;
            let text = "`tenant` must be that of a call of yours that is under way";
            return Err((denied.0, Refused { field: "tenant".to_owned(), ..Refused::saying(text) }));
        };
        kv::kept(&self.host, tenant, method, args).await.map_err(|fault| self.told(method, &fault))
    }

    async fn fetched(&self, tenants: &[TenantId], args: Value) -> Result<Value, Denied> {
        let url = args.get("url").and_then(Value::as_str).and_then(|url| Url::parse(url).ok());
        let Some(url) = url else {
            let text = "`url` must be an absolute URL";
            return Err((Status::BadRequest, Refused { field: "url".to_owned(), ..Refused::saying(text) }));
        };
        if !self.needs.permits_http(&url) {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let host = format!("{}{port}", url.host_str().unwrap_or_default());
            return Err(self.refuse(tenants, Need::Http, &host, &format!("http:{host}")).await);
        }
        self.asked("http.fetch", args).await
    }

    async fn served(&self, tenants: &[TenantId], method: &str, args: Value) -> Result<Value, Denied> {
        if !self.common.offered.methods().contains(&method) {
            let text = format!("this host has no method `{}`", legible(method, MAX_METHOD));
            return Err((Status::UnknownMethod, Refused::saying(text)));
        }
        if !self.needs.permits_service(method) {
            return Err(self.refuse(tenants, Need::Service, method, method).await);
        }
        self.asked(method, args).await
    }

    async fn asked(&self, method: &str, args: Value) -> Result<Value, Denied> {
        self.host.call(method, args).await.map_err(|fault| self.told(method, &fault))
    }

    /// Notes it; what the manifest would have to say goes to the plugin.
    async fn refuse(&self, tenants: &[TenantId], need: Need, detail: &str, missing: &str) -> Denied {
        // Where it works for several at the moment, whose it was is a guess: what a plugin writes must not land there.
        let tenant = match tenants {
            [one] => Some(one),
            _ => None,
        };
        self.refusals.note(tenant, need, detail).await;
        let missing = legible(missing, 120);
        (
            Status::NotPermitted,
            Refused::saying(format!("the manifest does not say that it needs `{missing}`")),
        )
    }

    /// What went wrong inside the host is the operator's to read, not the plugin's.
    fn told(&self, method: &str, fault: &Fault) -> Denied {
        match Refused::of(fault) {
            (status @ (Status::BadRequest | Status::Unavailable | Status::Conflict), refused) => {
                (status, refused)
            }
            (_, refused) => {
                tracing::error!(
                    plugin = self.plugin,
                    method,
                    error = refused.message,
                    "a plugin could not be served"
                );
                (Status::Internal, Refused::saying("the host could not do it; its log says why"))
            }
        }
    }
}

impl HostCalls for LibraryCalls {
    fn answer<'a>(
        &'a self,
        tenants: &'a [TenantId],
        method: &'a str,
        args: &'a [u8],
    ) -> BoxFut<'a, (Status, Vec<u8>)> {
        Box::pin(async move {
            match self.answered(tenants, method, args).await {
                Ok(reply) => (Status::Ok, reply),
                Err((status, refused)) => (status, refused.to_bytes()),
            }
        })
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.host.now().as_millis()).unwrap_or(0)
    }

    fn random(&self, buffer: &mut [u8]) -> Status {
        if !self.needs.permits_random() {
            self.refusals.note_later(&self.runtime, Need::Random);
            return Status::NotPermitted;
        }
        match self.host.random(buffer) {
            Ok(()) => Status::Ok,
            Err(fault) => self.told("random", &fault).0,
        }
    }

    fn log(&self, level: LogLevel, message: &str) {
        if !self.needs.permits_log() {
            self.refusals.note_later(&self.runtime, Need::Log);
            return;
        }
        if let Some(line) = self.lines.next(message) {
            self.host.log(level, &line);
        }
    }
}
