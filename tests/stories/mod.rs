//! What people do, over HTTP, told from their side.

mod admin;
mod alike;
mod attacks;
mod audit;
mod callback;
mod clock;
mod devices;
mod disk;
mod docs;
mod enrol;
mod factors;
mod health;
mod idaas;
mod keys;
mod load;
mod login;
mod me;
mod nodes;
mod outage;
mod parallel;
mod rate;
mod shapes;
mod throttle;
mod webhooks;
mod windows;
