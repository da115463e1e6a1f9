//! A service: a target for each of its ports, by its name in the cluster.

use super::{Parts, View};
use crate::discovery::group::{ADDRESS, host_port};
use crate::discovery::kubernetes::labels::Meta;
use crate::discovery::kubernetes::objects::Service;

pub(super) fn group(view: &View<'_>, service: &Service) -> Parts {
    let (metadata, spec) = (&service.metadata, &service.spec);
    let mut labels = Meta::default();
    labels.set_service(service).attach_namespace(view.attached_namespace(&metadata.namespace));
    let host = format!("{}.{}.svc", metadata.name, metadata.namespace);
    let targets = spec.ports.iter().map(|port| {
        let mut target = Meta::default();
        target
            .set_plain(ADDRESS, &host_port(&host, port.port))
            .set("service_port_name", &port.name)
            .set("service_port_number", &port.port.to_string())
            .set_some("service_port_protocol", port.protocol.as_deref())
            .set("service_type", &spec.kind);
        if spec.kind == "ExternalName" {
            target.set("service_external_name", &spec.external_name);
        } else {
            target.set("service_cluster_ip", &spec.cluster_ip);
        }
        if spec.kind == "LoadBalancer" {
            target.set("service_loadbalancer_ip", &spec.load_balancer_ip);
        }
        target.build()
    });
    (labels.build(), targets.collect())
}
