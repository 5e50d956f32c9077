//! What a person approves, and the receipt of it.

use super::formed::{DateTime, Formed};
use gatewright_plugin::Text;
use poem_openapi::{Enum, Object};

/// One thing that a person approves.
#[derive(Object, Clone)]
#[oai(rename = "IdaasTransactionDetail", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct TransactionDetail {
    /// What it is.
    pub(crate) detail: Option<Text>,
    /// What it is for.
    pub(crate) usage: Option<Vec<TransactionUsage>>,
    /// Its value.
    pub(crate) value: Option<Text>,
}

/// What a transaction detail is for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename = "IdaasTransactionUsage", rename_all = "UPPERCASE")]
pub(crate) enum TransactionUsage {
    /// For judging the risk.
    Rba,
    /// For showing it to the person.
    Tvs,
}

/// What was approved.
#[derive(Object, Clone)]
#[oai(rename = "IdaasTransactionReceipt", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct TransactionReceipt {
    /// With what.
    pub(crate) authentication_type: Option<ReceiptAuthentication>,
    /// When.
    pub(crate) date: Option<Formed<DateTime>>,
    /// What.
    pub(crate) details: Option<Vec<TransactionDetail>>,
    /// Id of the receipt.
    pub(crate) id: Option<String>,
    /// How strong the proof was.
    pub(crate) security_level: Option<SecurityLevel>,
    /// By whom. In lower case, unlike `userId` elsewhere.
    pub(crate) userid: Option<String>,
}

/// With what something was approved.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename = "IdaasReceiptAuthentication", rename_all = "UPPERCASE")]
pub(crate) enum ReceiptAuthentication {
    Otp,
    Token,
}

/// How strong a proof was.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename = "IdaasSecurityLevel", rename_all = "UPPERCASE")]
pub(crate) enum SecurityLevel {
    Low,
    Medium,
    High,
}
