//! Rules, routes, silences and notifications: from a sample to the person who
//! is called.
//!
//! ```text
//!   samples --> rules --> alerts --> dispatch --> alertmanager --> notify --> person
//!               |         ^          (groups)     (mute, log,      (requests,
//!               template  |                        retry)           transport)
//!                         a Prometheus elsewhere
//! ```
//!
//! [`rules`] evaluates what Prometheus' rule files say. [`alertmanager`] is what
//! Alertmanager does with the alerts: it groups them by the tree of [`routes`]
//! ([`dispatch`]), leaves out what [`silences`], [`inhibit`] and
//! [`time_intervals`] mute, remembers what was sent ([`notify::log`]), and tries
//! again what failed. [`notify`] makes requests of notifications, a file for each
//! kind of receiver. [`config`] reads `alertmanager.yml`, [`matchers`] the two
//! syntaxes that it has for conditions, and [`template`] is Go's template
//! language for the texts of both sides.
//!
//! Where Prometheus and Alertmanager have a behaviour, it is theirs. What is
//! ours: email settings may say `subject` and `body`; series of alerts without
//! `for` begin with the first evaluation after a start; a rule group's rules run
//! together where none reads what another writes.
//!
//! **Architecture invariant:** time is an argument everywhere. Nothing in this
//! crate asks the wall clock or sleeps, so that hours of an alert's life run in
//! milliseconds under test; whoever owns the loop hands over the time. Nothing
//! but [`notify::transport`] opens a connection.
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

mod yaml;
