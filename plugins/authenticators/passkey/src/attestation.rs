//! Which models of authenticators may be set up, and whether one is what it says.

use crate::config::{Model, wrong};
use gatewright_contract::{Fault, Timestamp};
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};
use uuid::Uuid;
use webauthn_attestation_ca::{AttestationCaList, AttestationCaListBuilder};
use webauthn_rs_core::{attestation::verify_attestation_ca_chain, proto::Credential as Registered};

/// The models of the configuration; none: any authenticator will do.
#[derive(Default)]
pub(crate) struct Trusted {
    roots: AttestationCaList,
    names: BTreeMap<Uuid, String>,
}

impl Trusted {
    /// Reads AAGUIDs and certificates.
    ///
    /// # Errors
    /// Names the first key that is wrong.
    pub(crate) fn read(models: &[Model]) -> Result<Self, Fault> {
        let mut roots = AttestationCaListBuilder::new();
        let mut names = BTreeMap::new();
        for (at, model) in models.iter().enumerate() {
            if model.aaguids.is_empty() || model.roots.is_empty() {
                return Err(wrong(
                    format!("models.{at}"),
                    "needs at least one of `aaguids` and one of `roots`",
                ));
            }
            for (n, aaguid) in model.aaguids.iter().enumerate() {
                let id = Uuid::try_parse(aaguid).map_err(|_| {
                    wrong(
                        format!("models.{at}.aaguids.{n}"),
                        "an AAGUID such as `2fc0579f-8113-47ea-b116-bb5a8db9202a`",
                    )
                })?;
                for (r, pem) in model.roots.iter().enumerate() {
                    roots
                        .insert_device_pem(pem.trim().as_bytes(), id, model.name.clone(), BTreeMap::new())
                        .map_err(|e| {
                        wrong(format!("models.{at}.roots.{r}"), format!("no certificate in PEM ({e})"))
                    })?;
                }
                names.insert(id, model.name.clone());
            }
        }
        Ok(Self { roots: roots.build(), names })
    }

    /// Whether the model matters.
    pub(crate) fn asks(&self) -> bool {
        !self.roots.is_empty()
    }

    /// The name of the configuration for a model.
    pub(crate) fn name_of(&self, aaguid: Uuid) -> Option<&str> {
        self.names.get(&aaguid).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// Whether a root of the configuration vouches for this model. The chain is held against the time of the request;
    /// the library's own call would read a clock.
    pub(crate) fn vouches_for(&self, credential: &Registered, aaguid: Uuid, now: Timestamp) -> bool {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        let chain = verify_attestation_ca_chain(&credential.attestation.data, &self.roots, now);
        matches!(chain, Ok(Some(root)) if root.aaguids().contains_key(&aaguid))
    }
}
