//! KBA.

use gatewright_plugin::Text;
use poem_openapi::Object;

/// Questions; on the way back with the answers in them.
#[derive(Object, Clone)]
#[oai(rename = "IdaasKbaChallenge", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct KbaChallenge {
    /// Not used: the challenge is known by its token.
    pub(crate) id: Option<Text>,
    /// The questions.
    pub(crate) user_questions: Vec<UserQuestion>,
}

/// One question.
#[derive(Object, Clone)]
#[oai(rename = "IdaasUserQuestion", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct UserQuestion {
    /// The answer; only in requests.
    pub(crate) answer: Option<Text>,
    /// Id of the question; it goes back with the answer.
    pub(crate) id: Option<Text>,
    /// The question.
    pub(crate) question: Option<Text>,
}
