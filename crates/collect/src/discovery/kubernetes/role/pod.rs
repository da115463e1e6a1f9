//! A pod: a target for each port of each container, or for each container without.

use super::{Parts, View};
use crate::discovery::group::{ADDRESS, host_port};
use crate::discovery::kubernetes::labels::Meta;
use crate::discovery::kubernetes::objects::Pod;

pub(super) fn group(view: &View<'_>, pod: &Pod) -> Parts {
    let mut labels = Meta::default();
    let ip = &pod.status.pod_ip;
    // A pod that is about to start, or that was evicted, has no address.
    if ip.is_empty() {
        return (labels.build(), Vec::new());
    }
    labels
        .set_pod(pod)
        .set("namespace", &pod.metadata.namespace)
        .attach_node(view.attached_node(&pod.spec.node_name))
        .attach_namespace(view.attached_namespace(&pod.metadata.namespace));
    let own = pod.spec.containers.iter().map(|container| (container, false));
    let init = pod.spec.init_containers.iter().map(|container| (container, true));
    let mut targets = Vec::new();
    for (container, is_init) in own.chain(init) {
        let statuses = if is_init {
            &pod.status.init_container_statuses
        } else {
            &pod.status.container_statuses
        };
        let status = statuses.iter().find(|status| status.name == container.name);
        let id = status.map_or("", |status| &status.container_id);
        if container.ports.is_empty() {
            // Without a port the address is none yet: relabelling has to add it.
            let mut target = Meta::default();
            target.set_plain(ADDRESS, ip).set("pod_container_id", id);
            targets.push(target.set_container(container, is_init, None).build());
        }
        for port in &container.ports {
            let number = port.container_port;
            let described = Some((number, port.name.as_str(), port.protocol.as_deref()));
            let mut target = Meta::default();
            target.set_plain(ADDRESS, &host_port(ip, number)).set("pod_container_id", id);
            targets.push(target.set_container(container, is_init, described).build());
        }
    }
    (labels.build(), targets)
}
