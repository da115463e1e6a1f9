//! Endpoints: a target for each address and port behind a service.

use super::backends::Backends;
use super::{Parts, View};
use crate::discovery::group::{ADDRESS, host_port};
use crate::discovery::kubernetes::labels::Meta;
use crate::discovery::kubernetes::objects::{EndpointAddress, EndpointPort, Endpoints};

pub(super) fn group(view: &View<'_>, object: &Endpoints) -> Parts {
    let metadata = &object.metadata;
    let mut labels = Meta::default();
    labels
        .set("namespace", &metadata.namespace)
        .set_object("endpoints", metadata)
        .attach_namespace(view.attached_namespace(&metadata.namespace));
    if let Some(service) = view.cluster.services.get(&metadata.namespace, &metadata.name) {
        labels.set_service(service);
    }
    let mut backends = Backends::default();
    let mut targets = Vec::new();
    for subset in &object.subsets {
        for port in &subset.ports {
            let ready = subset.addresses.iter().map(|address| (address, "true"));
            let others = subset.not_ready_addresses.iter().map(|address| (address, "false"));
            for (address, is_ready) in ready.chain(others) {
                let mut target = target(view, address, port, is_ready);
                if let Some(pod) = view.cluster.pod(address.target_ref.as_ref()) {
                    backends.describe(&mut target, pod, Some(port.port));
                }
                targets.push(target.build());
            }
        }
    }
    targets.extend(backends.uncovered());
    (labels.build(), targets)
}

fn target(view: &View<'_>, address: &EndpointAddress, port: &EndpointPort, is_ready: &str) -> Meta {
    let mut target = Meta::default();
    target
        .set_plain(ADDRESS, &host_port(&address.ip, port.port))
        .set("endpoint_port_name", &port.name)
        .set_some("endpoint_port_protocol", port.protocol.as_deref())
        .set("endpoint_ready", is_ready)
        .set_some("endpoint_node_name", address.node_name.as_deref())
        .set("endpoint_hostname", &address.hostname);
    if let Some(reference) = &address.target_ref {
        target.set("endpoint_address_target_kind", &reference.kind);
        target.set("endpoint_address_target_name", &reference.name);
    }
    target.attach_node(address.node_name.as_deref().and_then(|name| view.attached_node(name)));
    target
}
