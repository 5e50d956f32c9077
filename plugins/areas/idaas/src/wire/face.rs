//! FACE.

use poem_openapi::{Enum, Object};

/// What a client opens to answer. The answer goes into `faceResponse` of the completion.
#[derive(Object, Clone)]
#[oai(rename = "IdaasFaceChallenge", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct FaceChallenge {
    /// Where the person answers: always `WEB`.
    pub(crate) device: Option<FaceDevice>,
    /// Names this challenge in a log of yours: the beginning of `sdkToken`. The id that the answer needs is in what is sealed.
    pub(crate) id: Option<String>,
    /// Not used.
    pub(crate) qr_code: Option<String>,
    /// The sealed challenge, for the software that has sent `cipher_key`: the same as `challenge_data` in `challenge`.
    pub(crate) sdk_token: Option<String>,
    /// Not used.
    pub(crate) workflow_run_id: Option<String>,
}

/// Where the person shows their face.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename = "IdaasFaceDevice", rename_all = "UPPERCASE")]
pub(crate) enum FaceDevice {
    Web,
    Mobile,
}
