//! Reading the body of a described operation. Errors name a field of ours and never repeat what was sent.

use gatewright_core::{PlainToken, Problem};
use serde_json::{Map, Value, json};
use std::fmt;

/// The longest text that can be the handle of a transaction, in bytes.
pub(super) const HANDLE_MAX_BYTES: usize = 128;

/// The members of a body.
pub struct Fields(Map<String, Value>);

/// Tells the names only: the values may be passwords and codes. All names are ours ([`Fields::of`]).
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Fields {
    /// Takes an object that has no members besides these.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn of(body: Value, known: &[&str]) -> Result<Self, Problem> {
        match body {
            Value::Object(members) if members.keys().all(|key| known.contains(&key.as_str())) => {
                Ok(Self(members))
            }
            Value::Object(_) => Err(Problem::invalid(format!(
                "The body has an unknown member; it may have: {}.",
                known.join(", ")
            ))),
            _ => Err(Problem::invalid("The body must be a JSON object.")),
        }
    }

    /// The handle of a transaction, where it was sent.
    ///
    /// # Errors
    /// 400 for what is no text or too long, 404 for what no handle looks like.
    pub fn transaction_if_any(&mut self) -> Result<Option<PlainToken>, Problem> {
        match self.0.remove("transaction") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.len() <= HANDLE_MAX_BYTES => handle(&text).map(Some),
            Some(_) => {
                Err(Problem::invalid(format!("transaction: a text of at most {HANDLE_MAX_BYTES} bytes.")))
            }
        }
    }

    /// The handle of a transaction.
    ///
    /// # Errors
    /// 400 without one, and those of [`Fields::transaction_if_any`].
    pub fn transaction(&mut self) -> Result<PlainToken, Problem> {
        self.transaction_if_any()?.ok_or_else(|| missing("transaction"))
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// 400 when it is not.
    pub fn required(&mut self, name: &str) -> Result<Value, Problem> {
        self.0.remove(name).ok_or_else(|| missing(name))
    }

    /// A text that may be left out.
    ///
    /// # Errors
    /// 400 for what is no text.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::invalid(format!("{name}: a text."))),
        }
    }

    /// A yes or no that may be left out: no.
    ///
    /// # Errors
    /// 400 for what is neither.
    pub fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(Problem::invalid(format!("{name}: true or false."))),
        }
    }

    /// A member that may be left out; an empty object stands for it then.
    pub fn or_empty(&mut self, name: &str) -> Value {
        self.0.remove(name).filter(|value| !value.is_null()).unwrap_or_else(|| json!({}))
    }
}

/// The handle of a transaction as a client sent it.
///
/// # Errors
/// 404 for what no handle looks like: it is as unknown as one that has expired.
pub fn handle(text: &str) -> Result<PlainToken, Problem> {
    PlainToken::received(text).ok_or_else(Problem::unknown_transaction)
}

fn missing(name: &str) -> Problem {
    Problem::invalid(format!("{name}: is missing."))
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use serde_json::{Value, json};

    fn status(body: Value) -> u16 {
        let read = Fields::of(body, &["transaction", "answer"]).and_then(|mut fields| fields.transaction());
        read.map_or_else(|problem| problem.status, |_| 200)
    }

    #[test]
    fn a_body_is_an_object_with_known_members() {
        assert_eq!(status(json!({"transaction": "gwt_0123456789abcdef", "answer": {}})), 200);
        assert_eq!(status(json!("gwt_0123456789abcdef")), 400);
        assert_eq!(status(json!({"transaction": "gwt_0123456789abcdef", "extra": 1})), 400);
    }

    #[test]
    fn what_is_no_handle_is_unknown_and_what_can_be_none_is_invalid() {
        assert_eq!(status(json!({"transaction": "gwt_no handle at all"})), 404);
        assert_eq!(status(json!({"transaction": "x".repeat(129)})), 400);
        assert_eq!(status(json!({"transaction": 7})), 400);
        assert_eq!(status(json!({})), 400);
    }

    #[test]
    fn a_flag_is_a_yes_or_a_no() {
        let flag = |body: Value| Fields::of(body, &["trust"]).and_then(|mut fields| fields.flag("trust"));
        assert_eq!(flag(json!({"trust": true})).ok(), Some(true));
        for no in [json!({}), json!({"trust": null}), json!({"trust": false})] {
            assert_eq!(flag(no).ok(), Some(false));
        }
        for wrong in [json!({"trust": 1}), json!({"trust": "true"}), json!({"trust": []})] {
            assert_eq!(flag(wrong).expect_err("refused").status, 400);
        }
    }

    #[test]
    fn what_is_printed_holds_no_values() {
        let fields = Fields::of(json!({"answer": {"password": "hunter2"}}), &["answer"]).unwrap();
        assert_eq!(format!("{fields:?}"), r#"{"answer"}"#);
    }

    #[test]
    fn errors_do_not_repeat_what_was_sent() {
        let unknown = Fields::of(json!({"hunter2": 1}), &["answer"]).unwrap_err();
        assert!(!unknown.detail.contains("hunter2"));
    }
}
