//! What a client claims beside a proof: held to its bounds, never to its content.

use crate::{VaultConfig, ber::BerForm, log_data::LogData, small::CLAIMS};
use gatewright_core::Problem;
use poem_openapi::types::ToJSON;
use serde_json::{Map, Value};
use std::time::Duration;

/// How deep it may go.
const DEEPEST: usize = 8;

/// Claims within their bounds.
pub(crate) struct Claims(pub(crate) Value);

impl VaultConfig {
    /// How long claims are kept; none: not at all.
    pub(crate) fn lasts(self) -> Option<Duration> {
        (self.log_data_days > 0).then(|| Duration::from_secs(u64::from(self.log_data_days) * 86_400))
    }
}

/// The claims of a request; none where there are none.
///
/// # Errors
/// A mistake of form for what is too long or too deep.
pub(crate) fn of(log_data: Option<&LogData>, ber: Option<&BerForm>) -> Result<Option<Claims>, Problem> {
    let read = [("log_data", log_data.and_then(ToJSON::to_json)), ("ber", ber.and_then(ToJSON::to_json))];
    let mut said = Map::new();
    for (name, value) in read {
        let Some(value) = value else { continue };
        if value.to_string().len() > CLAIMS {
            return Err(Problem::invalid(format!("{name}: at most {CLAIMS} bytes of JSON.")));
        }
        if is_deeper(&value, DEEPEST) {
            return Err(Problem::invalid(format!("{name}: at most {DEEPEST} levels deep.")));
        }
        said.insert(name.to_owned(), value);
    }
    Ok((!said.is_empty()).then(|| Claims(Value::Object(said))))
}

/// Whether there are more levels than this. What was parsed has at most 128.
fn is_deeper(value: &Value, levels: usize) -> bool {
    let below = |value: &Value| levels == 0 || is_deeper(value, levels - 1);
    match value {
        Value::Array(items) => items.iter().any(below),
        Value::Object(members) => members.values().any(below),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::types::{Example, ParseFromJSON};
    use serde_json::json;

    fn log_data(step: Value) -> LogData {
        let body = json!({"evidence": {"detailedStepResults": [step]}});
        LogData::parse_from_json(Some(body)).map_err(|e| e.into_message()).expect("it is log_data")
    }

    fn refusal(data: &LogData) -> String {
        of(Some(data), None).err().map(|problem| problem.detail).unwrap_or_default()
    }

    #[test]
    fn what_fits_is_read_and_only_what_is_described() {
        let (data, ber) = (LogData::example(), BerForm::example());
        let claims = of(Some(&data), Some(&ber)).expect("fits").expect("is there").0;
        assert_eq!(claims["ber"]["ber"]["BER_PERCENT"], "1.52");
        assert_eq!(claims["log_data"]["evidence"]["gestureCounts"]["blink"], 2);
        assert!(of(None, None).expect("fits").is_none());
        let more = json!({"status": "success", "pin": "123456"});
        let read = LogData::parse_from_json(Some(more)).map_err(|e| e.into_message()).expect("is read");
        let claims = of(Some(&read), None).expect("fits").expect("is there").0;
        assert_eq!(claims, json!({"log_data": {"status": "success"}}));
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_refused_by_name() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        // Three levels are there already.
        assert_eq!(refusal(&log_data(nested(DEEPEST - 3))), "");
        assert!(refusal(&log_data(nested(DEEPEST - 2))).starts_with("log_data: at most 8 levels"));
        let around = json!({"evidence": {"detailedStepResults": [""]}}).to_string().len();
        assert_eq!(refusal(&log_data(json!("x".repeat(CLAIMS - around)))), "");
        let long = refusal(&log_data(json!("x".repeat(CLAIMS - around + 1))));
        assert!(long.starts_with("log_data: at most 16384 bytes"), "{long}");
    }
}
