//! What a client claims beside a proof, as it is kept.

use crate::{VaultConfig, ber::BerForm, log_data::LogData};
use poem_openapi::types::ToJSON;
use serde_json::{Map, Value};
use std::time::Duration;

/// Claims within their bounds.
pub(crate) struct Claims(pub(crate) Value);

impl VaultConfig {
    /// How long claims are kept; none: not at all.
    pub(crate) fn lasts(self) -> Option<Duration> {
        (self.log_data_days > 0).then(|| Duration::from_secs(u64::from(self.log_data_days) * 86_400))
    }
}

/// The claims of a request; none where there are none.
pub(crate) fn of(log_data: Option<&LogData>, ber: Option<&BerForm>) -> Option<Claims> {
    let read = [("log_data", log_data.and_then(ToJSON::to_json)), ("ber", ber.and_then(ToJSON::to_json))];
    let said: Map<String, Value> =
        read.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    (!said.is_empty()).then(|| Claims(Value::Object(said)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::types::{Example, ParseFromJSON};
    use serde_json::json;

    #[test]
    fn only_what_is_described_is_kept() {
        let (data, ber) = (LogData::example(), BerForm::example());
        let claims = of(Some(&data), Some(&ber)).expect("is there").0;
        assert_eq!(claims["ber"]["ber"]["BER_PERCENT"], "1.52");
        assert_eq!(claims["log_data"]["evidence"]["gestureCounts"]["blink"], 2);
        assert!(of(None, None).is_none());
        let more = json!({"status": "success", "pin": "123456"});
        let read = LogData::parse_from_json(Some(more)).map_err(|e| e.into_message()).expect("is read");
        let claims = of(Some(&read), None).expect("is there").0;
        assert_eq!(claims, json!({"log_data": {"status": "success"}}));
    }
}
