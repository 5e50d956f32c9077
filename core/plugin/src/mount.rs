//! An API at its place.

use crate::{ApiArea, Dialect};
use poem::http::Method;

/// Statuses of an operation besides its success, by operation id. The frame adds what it answers itself
/// (400, 408, 413, 415, 429, 500, 503).
pub type Answers = fn(operation_id: &str) -> &'static [u16];

/// Whose pages may have a browser call an operation. A browser's cookies and its certificate come with such a call only
/// where the page is one of this site; the front door takes them away from all others, so that no handler can forget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Those of this site: what changes something and comes from elsewhere with cookies is refused.
    #[default]
    OwnSite,
    /// Forms of any site, whose pages don't see the answer.
    OtherSites,
    /// Scripts of any site, which see the answer (CORS, without credentials).
    Shared,
}

/// An API under a prefix, with the language of its errors.
pub struct Mount {
    /// Begins with `/`, without one at the end; empty for none.
    pub prefix: &'static str,
    /// What is mounted.
    pub api: Box<dyn ApiArea>,
    /// How its errors are written.
    pub dialect: Dialect,
    /// Which errors its operations answer with.
    pub answers: Answers,
    /// Whether its typed request bodies refuse members that they don't know.
    pub strict: bool,
    /// Whether it is answered however often it is asked.
    pub unlimited: bool,
    /// What is open to more than pages of this site: method and path, as the document has it without the prefix.
    pub reach: Vec<(Method, String, Reach)>,
}

impl Mount {
    /// With errors in RFC 9457 and none besides the frame's own.
    pub fn new(prefix: &'static str, api: impl ApiArea + 'static) -> Self {
        Self {
            prefix,
            api: Box::new(api),
            dialect: Dialect::problem(),
            answers: |_| &[],
            strict: false,
            unlimited: false,
            reach: Vec::new(),
        }
    }

    /// Says which errors its operations answer with.
    #[must_use]
    pub fn answering(mut self, answers: Answers) -> Self {
        self.answers = answers;
        self
    }

    /// Says that every type that is a request body here refuses unknown members (`#[oai(deny_unknown_fields)]`),
    /// which poem-openapi leaves out of the document. What such a body holds in turn, like the message of an
    /// authenticator, speaks for itself.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Says that its operations cost nearly nothing and are answered however often an address asks: for who watches
    /// over the server, who must not believe it dead because it is busy.
    #[must_use]
    pub fn unlimited(mut self) -> Self {
        self.unlimited = true;
        self
    }

    /// Says which operations are open to more than pages of this site.
    #[must_use]
    pub fn reached(mut self, reach: Vec<(Method, String, Reach)>) -> Self {
        self.reach = reach;
        self
    }

    /// Errors in another dialect.
    #[must_use]
    pub fn speaking(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }
}
