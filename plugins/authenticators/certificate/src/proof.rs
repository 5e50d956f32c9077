//! How a person shows that a certificate is theirs: in TLS, or by a signature.

use crate::trust::{LONGEST_CERTIFICATE, MOST_CERTIFICATES};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use gatewright_contract::{Fault, Scope};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, pem::PemObject};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use webpki::{EndEntityCert, aws_lc_rs as algorithm};

/// Longest `certificate`, in bytes: a chain in PEM.
const LONGEST_TEXT: usize = 64 * 1024;
/// Longest signature in base64, in bytes: RSA with 8192 bits has 1368.
const LONGEST_SIGNATURE: usize = 2048;

/// What the person answers: nothing where the certificate is in TLS, or both.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = json!({}))]
pub struct Answer {
    /// The certificate, and those between it and the root after it: in PEM, or one alone in base64 of its DER.
    #[schemars(length(max = 65536))]
    pub certificate: Option<String>,
    /// The signature over the bytes of `challenge` by its key, in base64: ECDSA (DER, as OpenSSL writes it) with
    /// SHA-256 on P-256 or with SHA-384 on P-384, RSA (PKCS #1 or PSS) with SHA-256 and 2048 bits at least, or Ed25519.
    #[schemars(length(max = 2048))]
    pub signature: Option<String>,
}

/// A chain that somebody shows.
pub(crate) struct Shown {
    /// The person's own first.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// Still to be checked; none where TLS has.
    signature: Option<Vec<u8>>,
}

/// The algorithms that a signature may have, one for each kind of key but RSA.
const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    algorithm::ECDSA_P256_SHA256,
    algorithm::ECDSA_P384_SHA384,
    algorithm::RSA_PKCS1_2048_8192_SHA256,
    algorithm::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    algorithm::ED25519,
];

impl Shown {
    /// `None`: nothing was shown, or nothing that can be read.
    ///
    /// # Errors
    /// [`Fault::BadRequest`] for what can't be an answer here, whoever gives it.
    pub(crate) fn read(scope: &Scope, answer: &Answer, signatures: bool) -> Result<Option<Self>, Fault> {
        match (&answer.certificate, &answer.signature) {
            (None, None) => Ok(Self::in_tls(scope)),
            (Some(_), None) => Err(Fault::bad_request("signature", "missing: sign the challenge")),
            (None, Some(_)) => Err(Fault::bad_request("certificate", "missing: whose key has signed?")),
            (Some(_), Some(_)) if !signatures => {
                Err(Fault::bad_request("signature", "not accepted here: show the certificate in TLS"))
            }
            (Some(certificate), Some(signature)) => {
                let signature = base64(signature, LONGEST_SIGNATURE);
                Ok(chain(certificate).zip(signature).map(|(chain, s)| Self { chain, signature: Some(s) }))
            }
        }
    }

    /// TLS has made sure that the other side has the key.
    fn in_tls(scope: &Scope) -> Option<Self> {
        let shown = &scope.peer_certificates;
        let fits = (1..=MOST_CERTIFICATES).contains(&shown.len())
            && shown.iter().all(|der| der.len() <= LONGEST_CERTIFICATE);
        let chain = || shown.iter().map(|der| CertificateDer::from(der.clone())).collect();
        fits.then(|| Self { chain: chain(), signature: None })
    }

    /// What an administrator has in hand.
    pub(crate) fn unsigned(chain: Vec<CertificateDer<'static>>) -> Self {
        Self { chain, signature: None }
    }

    /// Whether it is shown by whoever has the key.
    pub(crate) fn is_proven(&self, challenge: &str) -> bool {
        let Some(signature) = &self.signature else { return true };
        let Some(Ok(certificate)) = self.chain.first().map(EndEntityCert::try_from) else { return false };
        let fits = |a: &&dyn SignatureVerificationAlgorithm| {
            certificate.verify_signature(*a, challenge.as_bytes(), signature).is_ok()
        };
        ALGORITHMS.iter().any(fits)
    }
}

/// A chain in text; `None` for what is none.
pub(crate) fn chain(text: &str) -> Option<Vec<CertificateDer<'static>>> {
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let chain: Vec<CertificateDer<'static>> = match text.contains("-----BEGIN ") {
        true => CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<_, _>>().ok()?,
        false => vec![CertificateDer::from(base64(text, LONGEST_TEXT)?)],
    };
    (1..=MOST_CERTIFICATES).contains(&chain.len()).then_some(chain)
}

/// Either alphabet, with padding or without; white space does not count.
fn base64(text: &str, longest: usize) -> Option<Vec<u8>> {
    if text.len() > longest {
        return None;
    }
    let bare: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let forms = [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD];
    forms.iter().find_map(|form| form.decode(&bare).ok()).filter(|bytes| !bytes.is_empty())
}
