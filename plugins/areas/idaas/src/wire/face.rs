//! FACE.

use poem_openapi::{Enum, Object};

/// How a face is looked at.
#[derive(Object, Clone)]
#[oai(rename = "IdaasFaceChallenge", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct FaceChallenge {
    /// Where the person shows it.
    pub(crate) device: Option<FaceDevice>,
    /// Id of the challenge.
    pub(crate) id: Option<String>,
    /// QR code that opens it on another device.
    pub(crate) qr_code: Option<String>,
    /// Token for the software on the device.
    pub(crate) sdk_token: Option<String>,
    /// Id of the run; older clients send it back as `faceResponse`.
    pub(crate) workflow_run_id: Option<String>,
}

/// Where the person shows their face.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename = "IdaasFaceDevice", rename_all = "UPPERCASE")]
pub(crate) enum FaceDevice {
    Web,
    Mobile,
}
