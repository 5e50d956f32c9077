//! What holds for all plugins and all operations, read from the registry and the document.

mod anonymous;
mod bodies;
mod conformance;
mod document;
mod examples;
mod layout;
pub(crate) mod schema;
mod settings;
