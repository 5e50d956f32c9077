//! The three ways in which things go well.

use poem_openapi::{ApiResponse, payload::Json, types::ToJSON};

#[derive(ApiResponse)]
pub(crate) enum Found<T: ToJSON> {
    /// What was asked for, as it is now.
    #[oai(status = 200)]
    Found(Json<T>),
}

#[derive(ApiResponse)]
pub(crate) enum Made<T: ToJSON> {
    /// It has been made.
    #[oai(status = 201)]
    Made(Json<T>),
}

#[derive(ApiResponse)]
pub(crate) enum Done {
    /// Done.
    #[oai(status = 204)]
    Done,
}

/// 200 with this.
pub(crate) fn found<T: ToJSON>(value: impl Into<T>) -> Found<T> {
    Found::Found(Json(value.into()))
}

/// 200 with these.
pub(crate) fn list<T: ToJSON, S: Into<T>>(values: impl IntoIterator<Item = S>) -> Found<Vec<T>> {
    Found::Found(Json(values.into_iter().map(Into::into).collect()))
}

/// 201 with this.
pub(crate) fn made<T: ToJSON>(value: impl Into<T>) -> Made<T> {
    Made::Made(Json(value.into()))
}
