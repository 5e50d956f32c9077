//! The document as YAML.

use serde_json::Value;

/// Writes a JSON document as YAML that YAML 1.1 and 1.2 readers read back as the same JSON.
#[must_use]
pub fn to_yaml(document: &Value) -> String {
    // Every JSON text is a YAML document: should the writer ever refuse a value, that is still a true answer.
    serde_saphyr::to_string(document).unwrap_or_else(|_| document.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::to_yaml;

    fn read(yaml: &str) -> Value {
        serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{error} in\n{yaml}"))
    }

    #[test]
    fn what_is_written_reads_back_equal() {
        let long = "word ".repeat(60);
        for text in [
            "",
            " ",
            "plain",
            "no",
            "Yes",
            "on",
            "~",
            "null",
            "NULL",
            "true",
            "1",
            "1.0",
            "0x1F",
            "0o17",
            "017",
            "1_000",
            "1e3",
            ".inf",
            "-.inf",
            ".nan",
            "12:30:45",
            "2024-01-31",
            "2024-01-31T12:00:00Z",
            "=",
            "<<",
            "-",
            "- a",
            "a: b",
            "a:",
            ": a",
            "a #b",
            "#a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "{a}",
            "[a]",
            "a,b",
            "'",
            "\"",
            "it's",
            "a\\b",
            "tab\tin",
            "\ttab first",
            " leading",
            "trailing ",
            "\n",
            "a\n",
            "\na",
            "a\n\n",
            "a\n\nb",
            "a\n b\n  c",
            "  a\nb",
            "\n  a",
            "a \nb",
            "# Title\n\n* one\n* two\n\n```\nx: 1\n```\n",
            "\r\n",
            "a\rb",
            "\u{0}",
            "\u{7}",
            "\u{7f}",
            "\u{85}",
            "\u{a0}",
            "\u{2028}",
            "\u{feff}bom",
            "é",
            "日本語",
            "🦀",
            "---",
            "...",
            "--- a",
            "? a",
            "?",
            &long,
            &format!(" {long}"),
            &format!("{long}\n{long}"),
            &"x".repeat(300),
            &format!("a  b   {long}"),
            &format!("{long}: x # y"),
            &format!("# {long}"),
            &format!("- {long}"),
        ] {
            let document = json!({ "value": text, text: ["in a list", text, { "nested": text }] });
            assert_eq!(read(&to_yaml(&document)), document, "{text:?} as\n{}", to_yaml(&document));
        }
    }

    #[test]
    fn empty_and_nested_collections_and_numbers_keep_their_kind() {
        let document = json!({
            "list": [], "map": {}, "null": null, "lists": [[1, [2, []]], [{}]], "yes": true, "no": false,
            "numbers": [0, -1, 1.5, 1.0, 1e300, u64::MAX, i64::MIN],
        });
        assert_eq!(read(&to_yaml(&document)), document, "{}", to_yaml(&document));
    }

    #[test]
    fn a_status_code_stays_a_string() {
        let yaml = to_yaml(&json!({ "responses": { "200": { "description": "fine" } } }));
        assert!(yaml.contains("\"200\":") || yaml.contains("'200':"), "{yaml}");
    }
}
