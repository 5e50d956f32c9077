#![doc = include_str!("../README.md")]

mod compose;
mod conflict;
mod fragment;
mod lint;
mod part;
mod schema;
mod walk;
mod yaml;

pub use compose::compose;
pub use conflict::Conflict;
pub use fragment::{Fragment, Info};
pub use lint::{Finding, Rule, lint};
pub use part::part;
pub use schema::schema_to_3_0;
pub use yaml::to_yaml;
