//! Requests of all receivers.
