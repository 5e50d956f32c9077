//! What the document says of the area itself.

use gatewright_openapi::Fragment;
use serde_json::{Value, json};

/// The tag of all of it.
const TAG: &str = "docs";

pub(crate) fn fragment() -> Fragment {
    let mut fragment = Fragment::default();
    fragment.tags.push(json!({
        "name": TAG,
        "description": "This reference, as a page and as OpenAPI documents. All of it comes from the server itself.",
    }));
    fragment.schemas.insert("DocsPlugin".to_owned(), plugin_schema());
    for (path, operation) in operations() {
        fragment.operation(path, "get", operation);
    }
    fragment
}

fn operations() -> Vec<(&'static str, Value)> {
    let text = json!({"type": "string"});
    let document = json!({"type": "object", "description": "An OpenAPI 3.0 document."});
    let list = json!({"type": "array", "items": {"$ref": "#/components/schemas/DocsPlugin"}});
    let mut root = operation("docs_root", "The front page", "Leads to the API reference.", None);
    root["responses"] = json!({"307": {"description": "`Location` leads to `/docs`."}});
    let mut one = operation(
        "docs_plugin_document",
        "The API of one plugin",
        "Its operations, and all that they refer to.",
        Some(("application/json", &document)),
    );
    one["parameters"] = json!([{
        "name": "file", "in": "path", "required": true,
        "description": "Id of the plugin, and `.json`.",
        "schema": {"type": "string", "example": "login.json"},
    }]);
    vec![
        ("/", root),
        (
            "/docs",
            operation(
                "docs_page",
                "The API reference",
                "A page for people; `?plugin=` and an id shows one plugin.",
                Some(("text/html", &text)),
            ),
        ),
        (
            "/openapi.json",
            operation(
                "docs_document",
                "The whole API as JSON",
                "The OpenAPI document of all plugins.",
                Some(("application/json", &document)),
            ),
        ),
        (
            "/openapi.yaml",
            operation(
                "docs_document_yaml",
                "The whole API as YAML",
                "The same as `/openapi.json`.",
                Some(("application/yaml", &document)),
            ),
        ),
        (
            "/openapi/plugins.json",
            operation(
                "docs_plugins",
                "The plugins that have an API",
                "With the addresses of their documents.",
                Some(("application/json", &list)),
            ),
        ),
        ("/openapi/plugins/{file}", one),
    ]
}

fn operation(id: &str, summary: &str, description: &str, content: Option<(&str, &Value)>) -> Value {
    let mut operation = json!({
        "operationId": id,
        "tags": [TAG],
        "summary": summary,
        "description": description,
        "security": [],
    });
    if let Some((media_type, schema)) = content {
        operation["responses"] = json!({
            "200": {
                "description": "Here it is. `ETag` names this version of it.",
                "content": {media_type: {"schema": schema}},
            },
            "304": {"description": "The version that `If-None-Match` names is still the one."},
        });
    }
    operation
}

fn plugin_schema() -> Value {
    json!({
        "type": "object",
        "description": "A plugin that has an API.",
        "required": ["id", "title", "url"],
        "properties": {
            "id": {"type": "string", "description": "Its id."},
            "title": {"type": "string", "description": "Its name, for people."},
            "url": {"type": "string", "description": "Path of its document."},
        },
        "example": {"id": "login", "title": "login", "url": "/openapi/plugins/login.json"},
    })
}
