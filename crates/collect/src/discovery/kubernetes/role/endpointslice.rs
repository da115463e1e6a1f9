//! Endpoint slices: a target for each address and port in a slice of a service.

use super::backends::Backends;
use super::{Parts, View};
use crate::discovery::group::{ADDRESS, host_port};
use crate::discovery::kubernetes::labels::Meta;
use crate::discovery::kubernetes::objects::{Endpoint, EndpointSlice, SlicePort};

/// The label of a slice that names its service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// The service that a slice belongs to.
pub(super) fn service_name(slice: &EndpointSlice) -> Option<&str> {
    slice.metadata.labels.get(SERVICE_NAME).map(String::as_str)
}

pub(super) fn group(view: &View<'_>, slice: &EndpointSlice) -> Parts {
    let metadata = &slice.metadata;
    let mut labels = Meta::default();
    labels
        .set("namespace", &metadata.namespace)
        .set("endpointslice_address_type", &slice.address_type)
        .set_object("endpointslice", metadata)
        .attach_namespace(view.attached_namespace(&metadata.namespace));
    let service = service_name(slice);
    if let Some(service) =
        service.and_then(|name| view.cluster.services.get(&metadata.namespace, name))
    {
        labels.set_service(service);
    }
    let mut backends = Backends::default();
    let mut targets = Vec::new();
    for endpoint in &slice.endpoints {
        let pod = view.cluster.pod(endpoint.target_ref.as_ref());
        for port in &slice.ports {
            for address in &endpoint.addresses {
                let mut target = target(view, endpoint, address, port);
                if let Some(pod) = pod {
                    backends.describe(&mut target, pod, port.port);
                }
                targets.push(target.build());
            }
        }
    }
    targets.extend(backends.uncovered());
    (labels.build(), targets)
}

fn target(view: &View<'_>, endpoint: &Endpoint, address: &str, port: &SlicePort) -> Meta {
    let mut target = Meta::default();
    match port.port {
        Some(number) => {
            target.set_plain(ADDRESS, &host_port(address, number));
            target.set("endpointslice_port", &number.to_string());
        }
        None => {
            target.set_plain(ADDRESS, address);
        }
    }
    let said =
        |condition: Option<bool>| condition.map(|holds| if holds { "true" } else { "false" });
    let conditions = &endpoint.conditions;
    for (name, value) in [
        ("port_name", port.name.as_deref()),
        ("port_protocol", port.protocol.as_deref()),
        ("port_app_protocol", port.app_protocol.as_deref()),
        ("endpoint_conditions_ready", said(conditions.ready)),
        ("endpoint_conditions_serving", said(conditions.serving)),
        ("endpoint_conditions_terminating", said(conditions.terminating)),
        ("endpoint_hostname", endpoint.hostname.as_deref()),
        ("endpoint_node_name", endpoint.node_name.as_deref()),
        ("endpoint_zone", endpoint.zone.as_deref()),
    ] {
        target.set_some(&format!("endpointslice_{name}"), value);
    }
    let reference = endpoint.target_ref.as_ref();
    if let Some(reference) = reference {
        target.set("endpointslice_address_target_kind", &reference.kind);
        target.set("endpointslice_address_target_name", &reference.name);
    }
    for (name, value) in &endpoint.deprecated_topology {
        let name = crate::discovery::label_name::sanitize(name);
        target.set(&format!("endpointslice_endpoint_topology_{name}"), value);
        target.set(&format!("endpointslice_endpoint_topology_present_{name}"), "true");
    }
    let node = reference.filter(|reference| reference.kind == "Node");
    let node = node.map(|node| node.name.as_str()).or(endpoint.node_name.as_deref());
    target.attach_node(node.and_then(|name| view.attached_node(name)));
    target
}
