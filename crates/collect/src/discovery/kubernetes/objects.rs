//! Objects of the Kubernetes API, as far as they are read.
//!
//! Every field may be missing or null: servers of other versions and resources in
//! the making leave out what they please.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// Labels or annotations.
pub(super) type Pairs = BTreeMap<String, String>;

/// A list, or nothing, or null.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pairs, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub(super) struct $name {
            $($(#[$field_doc])* pub(super) $field: $type,)*
        }
    };
}

object! {
    /// What all objects have.
    Metadata {
        name: String,
        namespace: String,
        uid: String,
        resource_version: String,
        #[serde(deserialize_with = "pairs")]
        labels: Pairs,
        #[serde(deserialize_with = "pairs")]
        annotations: Pairs,
        #[serde(deserialize_with = "list")]
        owner_references: Vec<OwnerReference>,
    }
}

object! {
    /// Who made an object.
    OwnerReference {
        kind: String,
        name: String,
        controller: Option<bool>,
    }
}

object! { Node { metadata: Metadata, spec: NodeSpec, status: NodeStatus } }

object! { NodeSpec { #[serde(rename = "providerID")] provider_id: String } }

object! {
    NodeStatus {
        #[serde(deserialize_with = "list")]
        addresses: Vec<NodeAddress>,
        daemon_endpoints: DaemonEndpoints,
    }
}

object! { NodeAddress { #[serde(rename = "type")] kind: String, address: String } }

object! { DaemonEndpoints { kubelet_endpoint: DaemonEndpoint } }

object! { DaemonEndpoint { #[serde(rename = "Port")] port: i32 } }

object! { Namespace { metadata: Metadata } }

object! { Pod { metadata: Metadata, spec: PodSpec, status: PodStatus } }

object! {
    PodSpec {
        node_name: String,
        #[serde(deserialize_with = "list")]
        containers: Vec<Container>,
        #[serde(deserialize_with = "list")]
        init_containers: Vec<Container>,
    }
}

object! {
    Container {
        name: String,
        image: String,
        #[serde(deserialize_with = "list")]
        ports: Vec<ContainerPort>,
    }
}

object! { ContainerPort { name: String, container_port: u16, protocol: Option<String> } }

object! {
    PodStatus {
        phase: String,
        #[serde(rename = "hostIP")]
        host_ip: String,
        #[serde(rename = "podIP")]
        pod_ip: String,
        #[serde(deserialize_with = "list")]
        conditions: Vec<Condition>,
        #[serde(deserialize_with = "list")]
        container_statuses: Vec<ContainerStatus>,
        #[serde(deserialize_with = "list")]
        init_container_statuses: Vec<ContainerStatus>,
    }
}

object! { Condition { #[serde(rename = "type")] kind: String, status: String } }

object! { ContainerStatus { name: String, #[serde(rename = "containerID")] container_id: String } }

object! { Service { metadata: Metadata, spec: ServiceSpec } }

object! {
    ServiceSpec {
        #[serde(rename = "type")]
        kind: String,
        #[serde(rename = "clusterIP")]
        cluster_ip: String,
        #[serde(rename = "loadBalancerIP")]
        load_balancer_ip: String,
        external_name: String,
        #[serde(deserialize_with = "list")]
        ports: Vec<ServicePort>,
    }
}

object! { ServicePort { name: String, port: u16, protocol: Option<String> } }

object! {
    Endpoints {
        metadata: Metadata,
        #[serde(deserialize_with = "list")]
        subsets: Vec<Subset>,
    }
}

object! {
    Subset {
        #[serde(deserialize_with = "list")]
        addresses: Vec<EndpointAddress>,
        #[serde(deserialize_with = "list")]
        not_ready_addresses: Vec<EndpointAddress>,
        #[serde(deserialize_with = "list")]
        ports: Vec<EndpointPort>,
    }
}

object! {
    EndpointAddress {
        ip: String,
        hostname: String,
        node_name: Option<String>,
        target_ref: Option<ObjectReference>,
    }
}

object! { EndpointPort { name: String, port: u16, protocol: Option<String> } }

object! { ObjectReference { kind: String, namespace: String, name: String } }

object! {
    EndpointSlice {
        metadata: Metadata,
        address_type: String,
        #[serde(deserialize_with = "list")]
        endpoints: Vec<Endpoint>,
        #[serde(deserialize_with = "list")]
        ports: Vec<SlicePort>,
    }
}

object! {
    Endpoint {
        #[serde(deserialize_with = "list")]
        addresses: Vec<String>,
        conditions: EndpointConditions,
        hostname: Option<String>,
        node_name: Option<String>,
        zone: Option<String>,
        target_ref: Option<ObjectReference>,
        #[serde(deserialize_with = "pairs")]
        deprecated_topology: Pairs,
    }
}

object! {
    EndpointConditions { ready: Option<bool>, serving: Option<bool>, terminating: Option<bool> }
}

object! {
    SlicePort {
        name: Option<String>,
        port: Option<u16>,
        protocol: Option<String>,
        app_protocol: Option<String>,
    }
}

object! { Ingress { metadata: Metadata, spec: IngressSpec } }

object! {
    IngressSpec {
        ingress_class_name: Option<String>,
        #[serde(deserialize_with = "list")]
        tls: Vec<IngressTls>,
        #[serde(deserialize_with = "list")]
        rules: Vec<IngressRule>,
    }
}

object! { IngressTls { #[serde(deserialize_with = "list")] hosts: Vec<String> } }

object! { IngressRule { host: String, http: Option<IngressHttp> } }

object! { IngressHttp { #[serde(deserialize_with = "list")] paths: Vec<IngressPath> } }

object! { IngressPath { path: String } }

/// A kind of object that can be listed and watched.
pub(super) trait Resource:
    Clone + PartialEq + Send + Sync + serde::de::DeserializeOwned + 'static
{
    /// The path in front of namespaces.
    const API: &'static str;
    /// The last part of the path.
    const PLURAL: &'static str;

    /// What all objects have.
    fn metadata(&self) -> &Metadata;
}

macro_rules! resource {
    ($($name:ident = $api:literal $plural:literal;)*) => {
        $(impl Resource for $name {
            const API: &'static str = $api;
            const PLURAL: &'static str = $plural;

            fn metadata(&self) -> &Metadata {
                &self.metadata
            }
        })*
    };
}

resource! {
    Node = "api/v1" "nodes";
    Namespace = "api/v1" "namespaces";
    Pod = "api/v1" "pods";
    Service = "api/v1" "services";
    Endpoints = "api/v1" "endpoints";
    EndpointSlice = "apis/discovery.k8s.io/v1" "endpointslices";
    Ingress = "apis/networking.k8s.io/v1" "ingresses";
}
