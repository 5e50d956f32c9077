//! OTP.

use poem_openapi::{Enum, Object};

/// How a code is sent. `WECHAT` and `WHATSAPP` came after 5.39.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename = "IdaasOTPDeliveryType", rename_all = "UPPERCASE")]
pub(crate) enum OtpDeliveryType {
    Email,
    Sms,
    Voice,
    Wechat,
    Whatsapp,
}

/// How codes can be sent to a person.
#[derive(Object, Clone)]
#[oai(rename = "IdaasOTPDetails", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct OtpDetails {
    /// The ways there are.
    #[oai(rename = "availableOTPDelivery")]
    pub(crate) available_otp_delivery: Option<Vec<OtpDeliveryType>>,
    /// The addresses and numbers there are.
    pub(crate) otp_contact_values: Option<Vec<OtpContactValue>>,
    /// The way that is taken unless another is asked for.
    pub(crate) otp_default_delivery: Option<OtpDeliveryType>,
    /// The contact attribute that is taken unless another is asked for.
    pub(crate) otp_delivery_attribute: Option<String>,
}

/// An address or a number, masked.
#[derive(Object, Clone)]
#[oai(rename = "IdaasOTPContactValue", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct OtpContactValue {
    /// Name of the contact attribute.
    pub(crate) name: Option<String>,
    /// How it is reached.
    #[oai(rename = "type")]
    pub(crate) kind: Option<OtpDeliveryType>,
    /// The masked value.
    pub(crate) value: Option<String>,
}
