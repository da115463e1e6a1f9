//! From objects of a swarm to targets.

use std::collections::BTreeMap;

use model::{Labels, LabelsBuilder};

use super::objects::{Node, Port, Service, Task};
use crate::discovery::docker::daemon::{Network, set_pairs};
use crate::discovery::group::{ADDRESS, host_port};

const PREFIX: &str = "__meta_dockerswarm_";

type Networks = BTreeMap<String, Network>;

fn set(labels: &mut LabelsBuilder, pairs: &[(&str, &str)]) {
    for (name, value) in pairs {
        labels.set(&format!("{PREFIX}{name}"), value);
    }
}

/// A target for each node.
pub(super) fn of_nodes(nodes: &[Node], port: u16) -> Vec<Labels> {
    let target = |node: &Node| {
        let mut labels = LabelsBuilder::default();
        set_node(&mut labels, node);
        set(&mut labels, &[("node_engine_version", &node.description.engine.engine_version)]);
        if let Some(manager) = &node.manager_status {
            let leader = if manager.leader { "true" } else { "false" };
            set(
                &mut labels,
                &[
                    ("node_manager_leader", leader),
                    ("node_manager_reachability", &manager.reachability),
                    ("node_manager_address", &manager.addr),
                ],
            );
        }
        labels.set(ADDRESS, &host_port(&node.status.addr, port)).build()
    };
    nodes.iter().map(target).collect()
}

/// A target for each TCP port of each virtual address of a service; without any
/// port, one with the configured port.
pub(super) fn of_services(services: &[Service], networks: &Networks, port: u16) -> Vec<Labels> {
    let mut targets = Vec::new();
    for service in services {
        let mut common = LabelsBuilder::default();
        set_service(&mut common, service);
        if let Some(container) = &service.spec.task_template.container_spec {
            set(
                &mut common,
                &[
                    ("service_task_container_hostname", &container.hostname),
                    ("service_task_container_image", &container.image),
                ],
            );
        }
        if let Some(update) = &service.update_status {
            set(&mut common, &[("service_updating_status", &update.state)]);
        }
        for address in service.endpoint.virtual_ips.iter().flatten() {
            let mut common = common.clone();
            set_network(&mut common, networks, &address.network_id);
            let ports = tcp(service.endpoint.ports.as_ref()).map(|port| {
                let labels = vec![
                    ("service_endpoint_port_name", port.name.as_str()),
                    ("service_endpoint_port_publish_mode", &port.publish_mode),
                ];
                (port.published_port, labels)
            });
            push(&mut targets, &common, without_mask(&address.addr), ports.collect(), port);
        }
    }
    targets
}

/// A target for each port that a task publishes on its node, and one for each port
/// of its service on each of its own addresses.
pub(super) fn of_tasks(
    tasks: &[Task],
    services: &[Service],
    nodes: &[Node],
    networks: &Networks,
    port: u16,
) -> Vec<Labels> {
    let services: BTreeMap<&str, &Service> =
        services.iter().map(|service| (service.id.as_str(), service)).collect();
    let nodes: BTreeMap<&str, &Node> = nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut targets = Vec::new();
    for task in tasks {
        let service = services.get(task.service_id.as_str());
        let node = nodes.get(task.node_id.as_str());
        let mut common = LabelsBuilder::default();
        set_task(&mut common, task);
        if let Some(service) = service {
            set_service(&mut common, service);
        }
        if let Some(node) = node {
            set_node(&mut common, node);
        }
        let host = node.map_or("", |node| &node.status.addr);
        for port in tcp(task.status.port_status.ports.as_ref()) {
            let mut labels = common.clone();
            set(&mut labels, &[("task_port_publish_mode", &port.publish_mode)]);
            targets.push(labels.set(ADDRESS, &host_port(host, port.published_port)).build());
        }
        let ports = service.and_then(|service| service.endpoint.ports.as_ref());
        for attachment in task.networks_attachments.iter().flatten() {
            let mut common = common.clone();
            set_network(&mut common, networks, &attachment.network.id);
            for address in attachment.addresses.iter().flatten() {
                let ports = tcp(ports).map(|port| {
                    let mode = port.publish_mode.as_str();
                    (port.published_port, vec![("task_port_publish_mode", mode)])
                });
                push(&mut targets, &common, without_mask(address), ports.collect(), port);
            }
        }
    }
    targets
}

/// Adds a target for each of `ports`, with labels of its own, or one for `fallback`.
fn push(
    targets: &mut Vec<Labels>,
    common: &LabelsBuilder,
    host: &str,
    mut ports: Vec<(u16, Vec<(&str, &str)>)>,
    fallback: u16,
) {
    if ports.is_empty() {
        ports.push((fallback, Vec::new()));
    }
    for (port, own) in ports {
        let mut labels = common.clone();
        set(&mut labels, &own);
        targets.push(labels.set(ADDRESS, &host_port(host, port)).build());
    }
}

fn tcp(ports: Option<&Vec<Port>>) -> impl Iterator<Item = &Port> {
    ports.into_iter().flatten().filter(|port| port.protocol == "tcp")
}

/// `10.0.0.1` of `10.0.0.1/24`.
fn without_mask(address: &str) -> &str {
    address.split_once('/').map_or(address, |(address, _)| address)
}

fn set_network(labels: &mut LabelsBuilder, networks: &Networks, id: &str) {
    if let Some(network) = networks.get(id) {
        network.set_labels(PREFIX, labels);
    }
}

fn set_node(labels: &mut LabelsBuilder, node: &Node) {
    let platform = &node.description.platform;
    set(
        labels,
        &[
            ("node_id", &node.id),
            ("node_role", &node.spec.role),
            ("node_availability", &node.spec.availability),
            ("node_hostname", &node.description.hostname),
            ("node_platform_architecture", &platform.architecture),
            ("node_platform_os", &platform.os),
            ("node_status", &node.status.state),
            ("node_address", &node.status.addr),
        ],
    );
    set_pairs(labels, &format!("{PREFIX}node_label_"), &node.spec.labels);
}

fn set_service(labels: &mut LabelsBuilder, service: &Service) {
    let mode = &service.spec.mode;
    let mode = match (&mode.global, &mode.replicated) {
        (Some(_), _) => "global",
        (None, Some(_)) => "replicated",
        (None, None) => "",
    };
    let (id, name) = (&*service.id, &*service.spec.name);
    set(labels, &[("service_id", id), ("service_name", name), ("service_mode", mode)]);
    set_pairs(labels, &format!("{PREFIX}service_label_"), &service.spec.labels);
}

fn set_task(labels: &mut LabelsBuilder, task: &Task) {
    let container = task.status.container_status.as_ref();
    set(
        labels,
        &[
            ("task_id", &task.id),
            ("task_desired_state", &task.desired_state),
            ("task_state", &task.status.state),
            ("task_slot", &task.slot.to_string()),
            ("task_container_id", container.map_or("", |container| &container.container_id)),
        ],
    );
    if let Some(spec) = &task.spec.container_spec {
        set_pairs(labels, &format!("{PREFIX}container_label_"), &spec.labels);
    }
}
