//! What people do, over HTTP, told from their side.

mod admin;
mod alike;
mod attacks;
mod callback;
mod docs;
mod enrol;
mod health;
mod idaas;
mod login;
mod me;
mod parallel;
mod shapes;
mod throttle;
mod windows;
