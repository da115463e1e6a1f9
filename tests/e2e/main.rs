//! End-to-end tests: the real binary, asked over real sockets, beside real peers.
//!
//! A module a theme; [`harness`] starts the server. [`tidy`] checks the tree
//! itself against `ARCHITECTURE.md`.
#![allow(clippy::unwrap_used)]

mod crash;
mod differential;
mod harness;
mod peers;
mod remote_write;
mod rule_tests;
mod serving;
mod tidy;
