//! What people do, over HTTP, told from their side.

mod admin;
mod alike;
mod attacks;
mod audit;
mod callback;
mod certificate;
mod clock;
mod disk;
mod docs;
mod enrol;
mod health;
mod idaas;
mod keys;
mod ldap;
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
