//! Rules, routes, silences and notifications: from a sample to the person who
//! is called.
//!
//! **Architecture invariant:** time is an argument everywhere. Nothing in this
//! crate asks what time it is or sleeps, so that hours of an alert's life run in
//! milliseconds under test; whoever owns the loop hands over the time.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod alertmanager;
pub mod alerts;
pub mod config;
pub mod dispatch;
pub mod inhibit;
pub mod matchers;
pub mod notify;
pub mod routes;
pub mod rules;
pub mod silences;
pub mod template;
pub mod time_intervals;
