//! Rules, routes, silences and notifications: from a sample to the person who
//! is called.
//!
//! **Architecture invariant:** time is an argument everywhere. Nothing in this
//! crate asks what time it is or sleeps, so that hours of an alert's life run in
//! milliseconds under test; whoever owns the loop hands over the time.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod rules;
pub mod template;
