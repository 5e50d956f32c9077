//! What people do, over HTTP, told from their side.

mod alike;
mod parallel;
mod throttle;
