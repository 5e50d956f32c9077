//! What is shown to people who have set nothing up, or are not there: the same at each try, and like what others are shown.

use crate::vp1::{Helper, PublicKey};
use gatewright_contract::{Fault, Host, Scope};
use hkdf::Hkdf;
use sha2::Sha512;

/// What takes the place of a record.
pub(crate) struct Fake {
    pub(crate) oprf_id: [u8; 16],
    pub(crate) helper: [u8; Helper::BYTES],
    /// Nobody knows its secret.
    pub(crate) public: PublicKey,
}

impl Fake {
    /// Made for everybody, so that it costs nothing to have none.
    pub(crate) async fn of(host: &Host, scope: &Scope) -> Result<Self, Fault> {
        let seed = host.secret(&scope.tenant, "fakes").await?;
        let prf = Hkdf::<Sha512>::from_prk(seed.expose())
            .map_err(|_| Fault::internal("the seed of what is shown to nobody is too short"))?;
        let pseudonym = &scope.pseudonym.0[..];
        let salt = expand(&prf, b"VP1-fake-salt", pseudonym)?;
        let sketch = expand(&prf, b"VP1-fake-sketch", pseudonym)?;
        Ok(Self {
            oprf_id: expand(&prf, b"VP1-fake-oprf-id", pseudonym)?,
            helper: Helper::usual(salt, sketch).to_bytes(),
            public: PublicKey::of_nobody(&expand(&prf, b"VP1-fake-key", pseudonym)?),
        })
    }
}

fn expand<const N: usize>(prf: &Hkdf<Sha512>, label: &[u8], pseudonym: &[u8]) -> Result<[u8; N], Fault> {
    let mut out = [0; N];
    prf.expand_multi_info(&[label, pseudonym], &mut out)
        .map_err(|_| Fault::internal("more bytes than a PRF yields"))?;
    Ok(out)
}
