//! Objects of a swarm as the Docker Engine API describes them, as far as they are read.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::discovery::docker::daemon::Pairs;

macro_rules! object {
    ($name:ident { $($(#[$meta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(rename_all = "PascalCase", default)]
        pub(super) struct $name {
            $($(#[$meta])* pub(super) $field: $type,)*
        }
    };
}

object! {
    Node {
        #[serde(rename = "ID")]
        id: String,
        spec: NodeSpec,
        description: NodeDescription,
        status: NodeStatus,
        manager_status: Option<ManagerStatus>,
    }
}
object! { NodeSpec { role: String, availability: String, labels: Pairs } }
object! { NodeDescription { hostname: String, platform: Platform, engine: Engine } }
object! { Platform { architecture: String, #[serde(rename = "OS")] os: String } }
object! { Engine { engine_version: String } }
object! { NodeStatus { state: String, addr: String } }
object! { ManagerStatus { leader: bool, reachability: String, addr: String } }

object! {
    Service {
        #[serde(rename = "ID")]
        id: String,
        spec: ServiceSpec,
        endpoint: Endpoint,
        update_status: Option<UpdateStatus>,
    }
}
object! { ServiceSpec { name: String, labels: Pairs, mode: Mode, task_template: TaskSpec } }
object! { Mode { global: Option<IgnoredAny>, replicated: Option<IgnoredAny> } }
object! { UpdateStatus { state: String } }
object! {
    Endpoint {
        ports: Option<Vec<Port>>,
        #[serde(rename = "VirtualIPs")]
        virtual_ips: Option<Vec<VirtualIp>>,
    }
}
object! { VirtualIp { #[serde(rename = "NetworkID")] network_id: String, addr: String } }
object! { Port { name: String, protocol: String, published_port: u16, publish_mode: String } }

object! { TaskSpec { container_spec: Option<ContainerSpec> } }
object! { ContainerSpec { hostname: String, image: String, labels: Pairs } }
object! {
    Task {
        #[serde(rename = "ID")]
        id: String,
        #[serde(rename = "ServiceID")]
        service_id: String,
        #[serde(rename = "NodeID")]
        node_id: String,
        slot: i64,
        desired_state: String,
        spec: TaskSpec,
        status: TaskStatus,
        networks_attachments: Option<Vec<Attachment>>,
    }
}
object! {
    TaskStatus {
        state: String,
        container_status: Option<ContainerStatus>,
        port_status: PortStatus,
    }
}
object! { ContainerStatus { #[serde(rename = "ContainerID")] container_id: String } }
object! { PortStatus { ports: Option<Vec<Port>> } }
object! { Attachment { network: NetworkReference, addresses: Option<Vec<String>> } }
object! { NetworkReference { #[serde(rename = "ID")] id: String } }
