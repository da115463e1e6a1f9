//! A node: one target, its kubelet.

use super::Parts;
use crate::discovery::group::{ADDRESS, host_port};
use crate::discovery::kubernetes::labels::Meta;
use crate::discovery::kubernetes::objects::Node;
use crate::discovery::label_name::sanitize;

/// Which address of a node is taken, the first that it has.
const ADDRESS_KINDS: [&str; 6] =
    ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"];

pub(super) fn group(node: &Node) -> Parts {
    let mut labels = Meta::default();
    labels.set_object("node", &node.metadata);
    labels.set("node_provider_id", &node.spec.provider_id);
    let first = |kind: &str| node.status.addresses.iter().find(|address| address.kind == kind);
    let Some(address) = ADDRESS_KINDS.iter().find_map(|kind| first(kind)) else {
        return (labels.build(), Vec::new());
    };
    let port = node.status.daemon_endpoints.kubelet_endpoint.port;
    let mut target = Meta::default();
    target
        .set_plain(ADDRESS, &host_port(&address.address, port))
        .set_plain("instance", &node.metadata.name);
    // Of several addresses of one kind the first counts, so it is set last.
    for address in node.status.addresses.iter().rev() {
        target.set(&format!("node_address_{}", sanitize(&address.kind)), &address.address);
    }
    (labels.build(), vec![target.build()])
}
