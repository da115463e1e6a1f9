//! What people and programs ask: HTTP APIs and the web UI.
//!
//! Each dialect is a folder with a router and a state of the few handles that it
//! uses. Listeners, limits and compression are here once, for all of them.
//!
//! **Architecture invariant:** knows no receiver and no collector; the binary
//! hands over what a page about them needs.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod alertmanager;
pub mod grafana;
pub mod listen;
pub mod prometheus;
pub mod ui;
