//! An API made at run time from JSON Schemas: how each authenticator, linked or loaded from a library,
//! gets typed operations of its own.

use crate::{ApiArea, RouteTable, body::json as json_of, problem};
use gatewright_contract::BoxFut;
use gatewright_core::Problem;
use gatewright_openapi::{Fragment, schema_to_3_0};
use poem::{
    EndpointExt, Request, Response,
    endpoint::make,
    http::{Method, StatusCode, header},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A request whose body has been parsed, and its path parameters.
pub struct Incoming {
    /// The request without its body.
    pub request: Request,
    /// The body; null where the operation takes none.
    pub body: Value,
}

/// What an operation answers.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The JSON body; null for none.
    pub body: Value,
    /// Headers besides those of the frame.
    pub headers: Vec<(header::HeaderName, String)>,
}

impl Reply {
    /// 200 with a body.
    pub fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body, headers: Vec::new() }
    }
}

/// What an operation does.
pub type Handler = Arc<dyn Fn(Incoming) -> BoxFut<'static, Result<Reply, Problem>> + Send + Sync>;

/// A path or query parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: &'static str,
    /// What it is.
    pub description: String,
    /// Its schema (OpenAPI 3.0).
    pub schema: Value,
}

/// One operation.
#[derive(Clone)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// Path below the mount, in OpenAPI's form.
    pub path: String,
    /// Unique in the whole document.
    pub id: String,
    /// One tag.
    pub tag: String,
    /// A line.
    pub summary: String,
    /// CommonMark.
    pub description: String,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// Schema of the body, and an example of it.
    pub request: Option<(Value, Value)>,
    /// Success: status, words, schema.
    pub responses: Vec<(u16, String, Option<Value>)>,
    /// Names of security schemes, one of which is enough; empty for everybody.
    pub security: Vec<&'static str>,
    /// What it does.
    pub handler: Handler,
}

/// A list of operations with the schemas that they refer to.
#[derive(Default)]
pub struct Described {
    /// The operations.
    pub operations: Vec<Operation>,
    /// Named schemas (JSON Schema or OpenAPI 3.0; converted).
    pub schemas: Vec<(String, Value)>,
    /// Tags with their text.
    pub tags: Vec<(String, String)>,
}

impl Described {
    /// Adds a named schema and returns a reference to it.
    pub fn schema(&mut self, name: &str, schema: Value) -> Value {
        self.schemas.push((name.to_owned(), schema));
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

impl ApiArea for Described {
    fn fragment(&self) -> Result<Fragment, String> {
        let mut fragment = Fragment::default();
        for (name, schema) in &self.schemas {
            let (schema, definitions) = schema_to_3_0(schema.clone());
            fragment.schemas.extend(definitions);
            fragment.schemas.insert(name.clone(), schema);
        }
        for operation in &self.operations {
            let method = operation.method.as_str().to_lowercase();
            fragment.operation(operation.path.clone(), method, document(operation));
        }
        fragment.tags =
            self.tags.iter().map(|(name, text)| json!({"name": name, "description": text})).collect();
        Ok(fragment)
    }

    fn routes(self: Box<Self>) -> RouteTable {
        let mut table = RouteTable::new();
        for operation in self.operations {
            let path = placed(&operation.path);
            let takes_body = operation.request.is_some();
            let endpoint = make(move |request| run(request, takes_body, operation.handler.clone()));
            table.entry(path).or_default().insert(operation.method, endpoint.map_to_response().boxed());
        }
        table
    }
}

/// A path in poem's form, with the placeholders that poem-openapi gives: at one place of the tree under two names, poem
/// would find only what stands under the first.
fn placed(path: &str) -> String {
    let mut count = 0;
    let mut word = |word: &str| match word.starts_with('{') {
        true => {
            count += 1;
            format!(":param{}", count - 1)
        }
        false => word.to_owned(),
    };
    path.split('/').map(&mut word).collect::<Vec<_>>().join("/")
}

async fn run(mut request: Request, takes_body: bool, handler: Handler) -> poem::Result<Response> {
    let body = match takes_body {
        true => read_json(&mut request).await.map_err(problem)?,
        false => Value::Null,
    };
    let reply = handler(Incoming { request, body }).await.map_err(problem)?;
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    Ok(match reply.body {
        Value::Null => response.finish(),
        body => response.content_type("application/json").body(body.to_string()),
    })
}

async fn read_json(request: &mut Request) -> Result<Value, Problem> {
    let json_type = request.content_type().is_some_and(|t| {
        t.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
    });
    if !json_type {
        let mut p = Problem::invalid("Send the body as application/json.");
        (p.status, p.code, p.title) = (415, "unsupported_media_type", "Unsupported media type");
        return Err(p);
    }
    let bytes = request
        .take_body()
        .into_bytes()
        .await
        .map_err(|_| Problem::invalid("The body could not be read."))?;
    json_of(&bytes)
}

fn document(operation: &Operation) -> Value {
    let mut responses = Map::new();
    for (status, words, schema) in &operation.responses {
        let mut response = json!({"description": words});
        if let Some(schema) = schema {
            response["content"] = json!({"application/json": {"schema": schema}});
        }
        responses.insert(status.to_string(), response);
    }
    let parameters: Vec<Value> = operation
        .parameters
        .iter()
        .map(|p| {
            json!({
                "name": p.name, "in": p.place, "required": p.place == "path",
                "description": p.description, "schema": p.schema,
            })
        })
        .collect();
    let security: Vec<Value> = operation.security.iter().map(|name| json!({*name: []})).collect();
    let mut document = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "responses": responses,
        "security": security,
    });
    if !parameters.is_empty() {
        document["parameters"] = Value::Array(parameters);
    }
    if let Some((schema, example)) = &operation.request {
        let content = json!({"application/json": {"schema": schema, "example": example}});
        document["requestBody"] = json!({"required": true, "content": content});
    }
    document
}
