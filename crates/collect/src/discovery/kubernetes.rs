//! `kubernetes_sd_configs`: nodes, pods, services, endpoints and ingresses of a cluster.
//!
//! Each kind of object that a role needs is listed once and watched from there on
//! ([`watch`]); what is known of the cluster is held in [`cluster`], and a role
//! turns its objects, with what belongs to them, into groups ([`role`]).

mod access;
mod cluster;
mod config;
mod follow;
mod kubeconfig;
mod labels;
mod objects;
mod role;
mod watch;

pub use config::{AttachMetadata, Config, Namespaces, Role, Selector};

use super::Updates;

/// Sends a group for each object of the role.
pub async fn run(config: Config, updates: Updates) {
    follow::follow(config, updates, follow::Timing::default()).await;
}

#[cfg(test)]
mod tests;
