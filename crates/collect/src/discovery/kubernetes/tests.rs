//! The whole mechanism against an API server of our own.

mod following;
mod roles;
mod server;
mod strange;
