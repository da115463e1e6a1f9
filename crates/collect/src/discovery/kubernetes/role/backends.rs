//! Pods behind a service: what endpoints and endpoint slices have in common.
//!
//! A target that is a pod gets the pod's labels, and those of the container whose
//! port it is. Ports of these pods that the service does not cover become targets
//! too, as Prometheus has it.

use std::collections::BTreeMap;

use model::Labels;

use crate::discovery::group::{ADDRESS, host_port};
use crate::discovery::kubernetes::cluster::Key;
use crate::discovery::kubernetes::labels::Meta;
use crate::discovery::kubernetes::objects::{Container, Pod};

/// The pods that a service leads to, and which of their ports it covers.
#[derive(Default)]
pub(super) struct Backends<'a> {
    pods: BTreeMap<Key, (&'a Pod, Vec<u16>)>,
}

impl<'a> Backends<'a> {
    /// Adds to `target`, which leads to `port` of `pod`, what is known of both.
    pub(super) fn describe(&mut self, target: &mut Meta, pod: &'a Pod, port: Option<u16>) {
        target.set_pod(pod);
        let (_, covered) = self.pods.entry(Key::of(pod)).or_insert_with(|| (pod, Vec::new()));
        let Some(port) = port else { return };
        covered.push(port);
        for (container, is_init) in containers(pod) {
            if let Some(own) = container.ports.iter().find(|own| own.container_port == port) {
                let described = Some((port, own.name.as_str(), own.protocol.as_deref()));
                target.set_container(container, is_init, described);
                break;
            }
        }
    }

    /// A target for each port that is not covered.
    pub(super) fn uncovered(self) -> Vec<Labels> {
        let mut targets = Vec::new();
        for (pod, covered) in self.pods.into_values() {
            let ip = &pod.status.pod_ip;
            if ip.is_empty() {
                continue;
            }
            for (container, is_init) in containers(pod) {
                let ports = container.ports.iter();
                for port in ports.filter(|port| !covered.contains(&port.container_port)) {
                    let number = port.container_port;
                    let described = Some((number, port.name.as_str(), port.protocol.as_deref()));
                    let mut target = Meta::default();
                    target
                        .set_plain(ADDRESS, &host_port(ip, number))
                        .set_pod(pod)
                        .set_container(container, is_init, described);
                    targets.push(target.build());
                }
            }
        }
        targets
    }
}

fn containers(pod: &Pod) -> impl Iterator<Item = (&Container, bool)> {
    let own = pod.spec.containers.iter().map(|container| (container, false));
    own.chain(pod.spec.init_containers.iter().map(|container| (container, true)))
}
