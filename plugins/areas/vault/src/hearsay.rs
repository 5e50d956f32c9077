//! What a client says of its own accord, before anybody reads it: held to its size and its depth, and never to its types. Nothing
//! rests on it, so what does not fit is left out and nobody is refused for it.

use crate::{ber::BerForm, log_data::LogData};
use gatewright_core::Problem;
use poem_openapi::types::ParseFromJSON;
use serde_json::{Map, Value};

/// Whether a member is what the contract says.
type Fits = fn(&Value) -> bool;

/// Bytes of each at most, as JSON.
pub(crate) const MOST: usize = 16 * 1024;
/// How deep it may go.
const DEEPEST: usize = 8;

/// A body with `log_data` and `ber` as far as they are what is described.
///
/// # Errors
/// A mistake of form for what is too long or too deep.
pub(crate) fn pruned(body: &mut Value) -> Result<(), Problem> {
    let Some(members) = body.as_object_mut() else { return Ok(()) };
    let known: [(&str, Fits); 2] = [("log_data", is_a::<LogData>), ("ber", is_a::<BerForm>)];
    for (name, is_read) in known {
        let Some(said) = members.get(name) else { continue };
        if said.to_string().len() > MOST {
            return Err(Problem::invalid(format!("{name}: at most {MOST} bytes of JSON.")));
        }
        if is_deeper(said, DEEPEST) {
            return Err(Problem::invalid(format!("{name}: at most {DEEPEST} levels deep.")));
        }
        match fitting(said, &is_read) {
            Some(fits) => members.insert(name.to_owned(), fits),
            None => members.remove(name),
        };
    }
    Ok(())
}

fn is_a<T: ParseFromJSON>(value: &Value) -> bool {
    T::parse_from_json(Some(value.clone())).is_ok()
}

/// What of a value is read: all of it, or of an object those members that are; each stands for itself.
fn fitting(value: &Value, is_read: &dyn Fn(&Value) -> bool) -> Option<Value> {
    let alone = |name: &str, member: Value| Value::Object(Map::from_iter([(name.to_owned(), member)]));
    if is_read(value) {
        return Some(value.clone());
    }
    let members = value.as_object()?.iter();
    let fit = members.filter_map(|(name, member)| {
        let within = |member: &Value| is_read(&alone(name, member.clone()));
        Some((name.clone(), fitting(member, &within)?))
    });
    let rest = Value::Object(fit.collect());
    is_read(&rest).then_some(rest)
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
    use serde_json::json;

    fn of(mut body: Value) -> Result<Value, String> {
        pruned(&mut body).map_err(|problem| problem.detail).map(|()| body)
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_the_rest_stays() {
        let said = json!({"username": 7, "log_data": {
            "status": "x".repeat(65), "similarity": 0.5, "more": {"a": [1]},
            "evidence": {"totalSteps": -1, "stepsPassed": 3, "environment": {"fps": "30", "platform": "Linux"}, "timing": 5},
        }, "ber": {"ber": {"BER_PERCENT": 1.5, "error_bits": 3}, "image_dim": [1]}});
        let left = json!({"username": 7, "log_data": {
            "similarity": 0.5, "more": {"a": [1]},
            "evidence": {"stepsPassed": 3, "environment": {"platform": "Linux"}},
        }, "ber": {"ber": {"error_bits": 3}}});
        assert_eq!(of(said), Ok(left.clone()));
        assert_eq!(of(left.clone()), Ok(left), "what fits stays as it is");
    }

    #[test]
    fn what_is_no_object_is_left_out() {
        for no in [json!("text"), json!([]), json!(1), json!([{"status": "success"}]), Value::Null] {
            assert_eq!(of(json!({"log_data": no, "ber": no})), Ok(json!({})), "{no}");
        }
        for body in [json!([]), json!("log_data"), Value::Null] {
            assert_eq!(of(body.clone()), Ok(body), "is for others to refuse");
        }
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_refused_by_name() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        for (name, member) in [("log_data", "evidence"), ("ber", "unknown")] {
            // One level is there already.
            let deep = |levels| of(json!({name: {member: nested(levels)}}));
            assert!(deep(DEEPEST - 1).is_ok());
            let refused = deep(DEEPEST).expect_err("too deep");
            assert!(refused.starts_with(&format!("{name}: at most 8 levels")), "{refused}");
            let around = json!({member: ""}).to_string().len();
            let long = |more: usize| of(json!({name: {member: "x".repeat(MOST - around + more)}}));
            assert!(long(0).is_ok());
            let refused = long(1).expect_err("too long");
            assert!(refused.starts_with(&format!("{name}: at most 16384 bytes")), "{refused}");
        }
    }
}
