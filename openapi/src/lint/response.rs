//! What the responses of an operation owe its reader.

use serde_json::Value;

use super::{Report, Rule, is_said};
use crate::walk::{Operation, entries, join, resolve};

pub(super) fn lint(report: &mut Report<'_>, operation: Operation<'_>, pointer: &str) {
    let document = report.document;
    let responses = operation.object.get("responses");
    let succeeds = entries(responses).any(|(status, _)| status.starts_with(['2', '3']));
    report.expect(succeeds, Rule::SuccessResponse, pointer, "no response of the operation is a success");

    for (status, response) in entries(responses) {
        let pointer = join(&join(pointer, "responses"), status);
        // A reference that leads nowhere is told as that.
        let Some(response) = resolve(document, response) else { continue };
        let described = is_said(response.get("description"));
        report.expect(described, Rule::ResponseDescription, &pointer, "the response has no description");

        let is_error = status.starts_with(['4', '5']) || status == "default";
        if is_error && operation.method != "head" {
            report.expect(
                has_schema(response),
                Rule::ErrorSchema,
                &pointer,
                "the error has no body with a schema",
            );
        }
    }
}

fn has_schema(response: &Value) -> bool {
    let mut media_types = entries(response.get("content")).peekable();
    media_types.peek().is_some() && media_types.all(|(_, media_type)| media_type.get("schema").is_some())
}
