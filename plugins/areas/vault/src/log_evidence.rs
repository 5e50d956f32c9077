//! The parts of [`crate::log_data::LogData`].

use gatewright_plugin::Text;
use poem_openapi::{Object, types::Example};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a client has counted, measured and used.
#[derive(Object)]
#[oai(rename = "LogEvidence", rename_all = "camelCase")]
pub(crate) struct LogEvidence {
    /// Steps that were asked for.
    #[oai(validator(maximum(value = "10000")), skip_serializing_if_is_none)]
    total_steps: Option<u32>,
    /// Steps that were done.
    #[oai(validator(maximum(value = "10000")), skip_serializing_if_is_none)]
    steps_passed: Option<u32>,
    /// Steps that were not.
    #[oai(validator(maximum(value = "10000")), skip_serializing_if_is_none)]
    steps_failed: Option<u32>,
    /// The most faces in one picture.
    #[oai(validator(maximum(value = "10000")), skip_serializing_if_is_none)]
    faces_detected_max: Option<u32>,
    /// How long it took.
    #[oai(skip_serializing_if_is_none)]
    timing: Option<LogTiming>,
    /// Each step, in the client's own words.
    #[oai(validator(max_items = 100), skip_serializing_if_is_none)]
    detailed_step_results: Option<Vec<Value>>,
    /// What looked like a forgery.
    #[oai(validator(max_items = 100, max_length = 256), skip_serializing_if_is_none)]
    anti_spoofing_triggers: Option<Vec<Text>>,
    /// How often each movement was seen.
    #[oai(skip_serializing_if_is_none)]
    gesture_counts: Option<BTreeMap<String, Value>>,
    /// How often it was found good.
    #[oai(validator(maximum(value = "1000000")), skip_serializing_if_is_none)]
    green_entry_count: Option<u32>,
    /// Camera, browser and machine.
    #[oai(skip_serializing_if_is_none)]
    environment: Option<LogEnvironment>,
}

/// How long the parts took, in milliseconds.
#[derive(Object)]
#[oai(rename = "LogTiming", rename_all = "camelCase")]
struct LogTiming {
    /// All of it.
    #[oai(skip_serializing_if_is_none)]
    total_challenge_duration_ms: Option<f64>,
    /// To recognise.
    #[oai(skip_serializing_if_is_none)]
    recognition_phase_duration_ms: Option<f64>,
    /// To see that it lives.
    #[oai(skip_serializing_if_is_none)]
    liveness_phase_duration_ms: Option<f64>,
    /// To compare.
    #[oai(skip_serializing_if_is_none)]
    comparison_phase_duration_ms: Option<f64>,
}

/// Camera, browser and machine.
#[derive(Object)]
#[oai(rename = "LogEnvironment", rename_all = "camelCase")]
struct LogEnvironment {
    /// The platform.
    #[oai(validator(max_length = 128), skip_serializing_if_is_none)]
    platform: Option<Text>,
    /// Width and height of the camera's picture, such as `1280x720`.
    #[oai(validator(max_length = 64), skip_serializing_if_is_none)]
    camera_resolution: Option<Text>,
    /// The name of the camera.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    camera_label: Option<Text>,
    /// Pictures in a second.
    #[oai(skip_serializing_if_is_none)]
    fps: Option<f64>,
    /// The browser.
    #[oai(skip_serializing_if_is_none)]
    browser: Option<LogBrowser>,
    /// What was found out about the machine, in the client's own words.
    #[oai(skip_serializing_if_is_none)]
    device_detection: Option<BTreeMap<String, Value>>,
}

/// The browser.
#[derive(Object)]
#[oai(rename = "LogBrowser", rename_all = "camelCase")]
struct LogBrowser {
    /// What it calls itself.
    #[oai(validator(max_length = 512), skip_serializing_if_is_none)]
    user_agent: Option<Text>,
    /// Its language.
    #[oai(validator(max_length = 64), skip_serializing_if_is_none)]
    language: Option<Text>,
    /// Processors.
    #[oai(skip_serializing_if_is_none)]
    hardware_concurrency: Option<f64>,
    /// Memory, in GiB.
    #[oai(skip_serializing_if_is_none)]
    device_memory: Option<f64>,
}

impl Example for LogEvidence {
    fn example() -> Self {
        Self {
            total_steps: Some(3),
            steps_passed: Some(3),
            steps_failed: Some(0),
            faces_detected_max: Some(1),
            timing: None,
            detailed_step_results: None,
            anti_spoofing_triggers: None,
            gesture_counts: Some(BTreeMap::from([("blink".to_owned(), Value::from(2))])),
            green_entry_count: Some(5),
            environment: None,
        }
    }
}
