//! The rules, by name.

use serde::{Serialize, Serializer};

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident = $name:literal,)+) => {
        /// What [`lint`](crate::lint()) asks of a document.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[doc = $doc])+ $rule,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Rule] = &[$(Rule::$rule,)+];

            /// The rule's name, as reports show it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)+
                }
            }
        }
    };
}

rules! {
    /// An operation has an `operationId` that is a name in most languages: letters, digits, `_`, `-` and `.`.
    OperationId = "operation-id",
    /// No two operations have the same `operationId`.
    OperationIdUnique = "operation-id-unique",
    /// An operation has exactly one tag: tools make one page, or one class, of each.
    OneTag = "one-tag",
    /// The tag of an operation is declared at the head of the document.
    TagDeclared = "tag-declared",
    /// A declared tag has a description.
    TagDescription = "tag-description",
    /// An operation has a summary.
    Summary = "summary",
    /// An operation states its security itself; `[]` states that there is none.
    Security = "security",
    /// Every security scheme that is asked for is defined.
    SecurityKnown = "security-known",
    /// The `{names}` in a path are its required path parameters, and the other way round.
    PathParameters = "path-parameters",
    /// A request body has an example, for each media type: in the media type or in its schema.
    RequestExample = "request-example",
    /// An operation can succeed: at least one 2xx or 3xx.
    SuccessResponse = "success-response",
    /// An error response (4xx, 5xx, default) has a body, and the body a schema.
    ErrorSchema = "error-schema",
    /// A response has a description, as OpenAPI requires.
    ResponseDescription = "response-description",
    /// Every `$ref` leads somewhere in this document.
    RefResolves = "ref-resolves",
    /// Every component is used by an operation, directly or through another component.
    UnusedComponent = "unused-component",
    /// A schema has only what OpenAPI 3.0 knows: no `$schema`, `const`, `examples`, list of types, …
    Schema30 = "schema-3.0",
}

impl std::fmt::Display for Rule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
