//! `__meta_kubernetes_…` labels that several roles share.

use model::LabelsBuilder;

use super::objects::{Container, Metadata, Namespace, Node, Pairs, Pod, Service};
use crate::discovery::label_name::sanitize;

const PREFIX: &str = "__meta_kubernetes_";

/// Builds labels that all begin with `__meta_kubernetes_`.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta(LabelsBuilder);

impl Meta {
    /// Sets `__meta_kubernetes_<name>`; an empty value sets nothing.
    pub(super) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.0.set(&format!("{PREFIX}{name}"), value);
        self
    }

    /// The same where there may be no value.
    pub(super) fn set_some(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        self.set(name, value.unwrap_or(""))
    }

    /// Sets a label whose name has no prefix.
    pub(super) fn set_plain(&mut self, name: &str, value: &str) -> &mut Self {
        self.0.set(name, value);
        self
    }

    /// `<kind>_name`, and its labels and annotations.
    pub(super) fn set_object(&mut self, kind: &str, metadata: &Metadata) -> &mut Self {
        self.set(&format!("{kind}_name"), &metadata.name);
        self.set_labels_and_annotations(kind, metadata)
    }

    pub(super) fn set_labels_and_annotations(
        &mut self,
        kind: &str,
        metadata: &Metadata,
    ) -> &mut Self {
        self.set_pairs(&format!("{kind}_label"), &metadata.labels);
        self.set_pairs(&format!("{kind}_annotation"), &metadata.annotations)
    }

    /// `<what>_<name>` and `<what>present_<name>`: an empty value would not show.
    pub(super) fn set_pairs(&mut self, what: &str, pairs: &Pairs) -> &mut Self {
        for (name, value) in pairs {
            let name = sanitize(name);
            self.set(&format!("{what}_{name}"), value);
            self.set(&format!("{what}present_{name}"), "true");
        }
        self
    }

    /// The node that a target runs on, as `attach_metadata` adds it.
    pub(super) fn attach_node(&mut self, node: Option<&Node>) -> &mut Self {
        if let Some(node) = node {
            self.set("node_name", &node.metadata.name);
            self.set_pairs("node_label", &node.metadata.labels);
        }
        self
    }

    /// The namespace of a group, as `attach_metadata` adds it.
    pub(super) fn attach_namespace(&mut self, namespace: Option<&Namespace>) -> &mut Self {
        if let Some(namespace) = namespace {
            self.set_labels_and_annotations("namespace", &namespace.metadata);
        }
        self
    }

    /// The service that a group belongs to.
    pub(super) fn set_service(&mut self, service: &Service) -> &mut Self {
        self.set("namespace", &service.metadata.namespace);
        self.set_object("service", &service.metadata)
    }

    /// The pod that a target is.
    pub(super) fn set_pod(&mut self, pod: &Pod) -> &mut Self {
        let ready = pod.status.conditions.iter().find(|condition| condition.kind == "Ready");
        let ready = ready.map_or("unknown".to_owned(), |ready| ready.status.to_lowercase());
        self.set("pod_ip", &pod.status.pod_ip)
            .set("pod_ready", &ready)
            .set("pod_phase", &pod.status.phase)
            .set("pod_node_name", &pod.spec.node_name)
            .set("pod_host_ip", &pod.status.host_ip)
            .set("pod_uid", &pod.metadata.uid);
        let owners = pod.metadata.owner_references.iter();
        if let Some(owner) = owners.clone().find(|owner| owner.controller == Some(true)) {
            self.set("pod_controller_kind", &owner.kind);
            self.set("pod_controller_name", &owner.name);
        }
        self.set_object("pod", &pod.metadata)
    }

    /// A container of the pod that a target is, and one of its ports.
    pub(super) fn set_container(
        &mut self,
        container: &Container,
        is_init: bool,
        port: Option<(u16, &str, Option<&str>)>,
    ) -> &mut Self {
        self.set("pod_container_name", &container.name)
            .set("pod_container_image", &container.image)
            .set("pod_container_init", if is_init { "true" } else { "false" });
        if let Some((number, name, protocol)) = port {
            self.set("pod_container_port_number", &number.to_string())
                .set("pod_container_port_name", name)
                .set_some("pod_container_port_protocol", protocol);
        }
        self
    }

    pub(super) fn build(&self) -> model::Labels {
        self.0.build()
    }
}
