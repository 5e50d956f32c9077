//! What a reader of the document would miss.

mod component;
mod operation;
mod response;
mod rule;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

pub use self::rule::Rule;

/// One thing that is missing or wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// JSON pointer (RFC 6901) to the place.
    pub pointer: String,
    /// What was asked for.
    pub rule: Rule,
    /// What is the matter here.
    pub message: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {} ({})", self.pointer, self.message, self.rule)
    }
}

/// Reads an OpenAPI 3.0 document, composed or not, and says what is missing: in the order of the pointers, empty when
/// all is well.
#[must_use]
pub fn lint(document: &Value) -> Vec<Finding> {
    let mut report = Report { document, findings: Vec::new() };
    operation::lint(&mut report);
    component::lint(&mut report);
    report.findings.sort();
    report.findings
}

/// The document, and what was found in it so far.
struct Report<'a> {
    document: &'a Value,
    findings: Vec<Finding>,
}

impl Report<'_> {
    fn add(&mut self, rule: Rule, pointer: impl Into<String>, message: impl Into<String>) {
        self.findings.push(Finding { pointer: pointer.into(), rule, message: message.into() });
    }

    fn expect(&mut self, fine: bool, rule: Rule, pointer: &str, message: &str) {
        if !fine {
            self.add(rule, pointer, message);
        }
    }
}

/// Whether there is a text, with something in it.
fn is_said(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
}
