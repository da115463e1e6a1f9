//! The functions of PromQL.

pub mod signatures;
