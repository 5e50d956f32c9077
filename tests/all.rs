//! The one test binary.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

mod every;
mod stories;
