//! End-to-end tests: the real binary, asked over real sockets, beside real peers.
//!
//! A module a theme; [`harness`] starts the server. [`tidy`] checks the tree
//! itself against `ARCHITECTURE.md`.
#![allow(clippy::unwrap_used)]

mod alertmanager;
mod api;
mod bad_input;
mod crash;
mod dashboards_api;
mod differential;
mod federation;
mod forwarding;
mod grafana;
mod guides;
mod harness;
mod otlp;
mod peers;
mod remote_read;
mod remote_write;
mod rule_checks;
mod rule_tests;
mod rules_alive;
mod scraping;
mod serving;
mod tidy;
mod tsdb;
