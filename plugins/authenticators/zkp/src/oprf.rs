//! Evaluations under keys that neither this plugin nor the database holds (RFC 9497).

use crate::vp1;
use gatewright_contract::{BoxFut, Fault, Host, TenantId};
use serde_json::{Value, json};

/// Another party's method: the service `oprf` of this host, or a process of its own in its place.
pub(crate) const METHOD: &str = "oprf.evaluate";

/// Its method for a key that nobody has yet.
pub(crate) const BEGIN: &str = "oprf.begin";

/// What evaluates blinded elements.
pub trait Oprf: Send + Sync + 'static {
    /// Evaluates under the key of this id. Who asks too often for one id gets what looks like any other evaluation.
    ///
    /// # Errors
    /// When the other party does not answer.
    fn evaluate<'a>(
        &'a self,
        tenant: &'a TenantId,
        oprf_id: &'a [u8; 16],
        blinded: &'a [u8; 32],
    ) -> BoxFut<'a, Result<Evaluated, Fault>>;

    /// Draws the id of a new key, and evaluates under it. Nothing is counted or kept.
    ///
    /// # Errors
    /// When the other party does not answer.
    fn begin<'a>(
        &'a self,
        tenant: &'a TenantId,
        blinded: &'a [u8; 32],
    ) -> BoxFut<'a, Result<([u8; 16], Evaluated), Fault>>;
}

/// An evaluation.
pub struct Evaluated {
    /// Still blinded.
    pub element: [u8; 32],
    /// Names the seed that the key was made of.
    pub seed_id: [u8; 8],
}

/// By the host's service.
pub(crate) struct ByService(pub(crate) Host);

impl Oprf for ByService {
    fn evaluate<'a>(
        &'a self,
        tenant: &'a TenantId,
        oprf_id: &'a [u8; 16],
        blinded: &'a [u8; 32],
    ) -> BoxFut<'a, Result<Evaluated, Fault>> {
        let args = json!({"tenant": tenant, "oprf_id": vp1::text(oprf_id), "blinded": vp1::text(blinded)});
        Box::pin(async move {
            let reply = self.0.call(METHOD, args).await?;
            read(&reply).ok_or_else(|| Fault::internal("oprf.evaluate gave something that is no evaluation"))
        })
    }

    fn begin<'a>(
        &'a self,
        tenant: &'a TenantId,
        blinded: &'a [u8; 32],
    ) -> BoxFut<'a, Result<([u8; 16], Evaluated), Fault>> {
        let args = json!({"tenant": tenant, "blinded": vp1::text(blinded)});
        Box::pin(async move {
            let reply = self.0.call(BEGIN, args).await?;
            let begun = reply["oprf_id"].as_str().and_then(vp1::bytes).zip(read(&reply));
            begun.ok_or_else(|| Fault::internal("oprf.begin gave something that is no evaluation"))
        })
    }
}

fn read(reply: &Value) -> Option<Evaluated> {
    let element = vp1::bytes(reply["evaluated"].as_str()?)?;
    let seed_id = vp1::bytes(reply["seed_id"].as_str()?)?;
    Some(Evaluated { element, seed_id })
}
