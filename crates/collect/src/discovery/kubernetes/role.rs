//! Roles: which objects become groups, and what belongs to them.

mod backends;
mod endpoints;
mod endpointslice;
mod ingress;
mod node;
mod pod;
mod service;

use std::collections::{BTreeSet, HashSet};

use super::cluster::{Cluster, Key};
use super::config::{AttachMetadata, Role};
use super::objects::{ObjectReference, Resource};
use crate::discovery::TargetGroup;

/// A kind of object that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    Namespace,
    Pod,
    Service,
    Endpoints,
    Slice,
    Ingress,
}

/// What a role sees when it makes a group.
pub(super) struct View<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) attach: AttachMetadata,
}

impl View<'_> {
    /// The node of that name, where nodes are attached.
    fn attached_node(&self, name: &str) -> Option<&super::objects::Node> {
        self.cluster.node(name).filter(|_| self.attach.node)
    }

    /// The namespace of that name, where namespaces are attached.
    fn attached_namespace(&self, name: &str) -> Option<&super::objects::Namespace> {
        self.cluster.namespace(name).filter(|_| self.attach.namespace)
    }
}

/// The group of the object at `key`; an empty one where it is gone.
pub(super) fn group(role: Role, view: &View<'_>, key: &Key) -> TargetGroup {
    let Cluster { nodes, pods, services, endpoints, slices, ingresses, .. } = view.cluster;
    let (namespace, name) = (&key.namespace, &key.name);
    let (source, group) = match role {
        Role::Node => (format!("node/{name}"), nodes.by_key(key).map(|node| node::group(node))),
        Role::Pod => {
            (format!("pod/{namespace}/{name}"), pods.by_key(key).map(|pod| pod::group(view, pod)))
        }
        Role::Service => (
            format!("svc/{namespace}/{name}"),
            services.by_key(key).map(|service| service::group(view, service)),
        ),
        Role::Endpoints => (
            format!("endpoints/{namespace}/{name}"),
            endpoints.by_key(key).map(|object| endpoints::group(view, object)),
        ),
        Role::EndpointSlice => (
            format!("endpointslice/{namespace}/{name}"),
            slices.by_key(key).map(|slice| endpointslice::group(view, slice)),
        ),
        Role::Ingress => (
            format!("ingress/{namespace}/{name}"),
            ingresses.by_key(key).map(|ingress| ingress::group(view, ingress)),
        ),
    };
    let (labels, targets) = group.unwrap_or_else(|| (model::Labels::empty(), Vec::new()));
    TargetGroup { source, labels, targets }
}

/// Labels of a group, and its targets.
type Parts = (model::Labels, Vec<model::Labels>);

/// All objects of the role.
pub(super) fn all(role: Role, cluster: &Cluster) -> BTreeSet<Key> {
    fn keys<T: Resource>(store: &super::cluster::Store<T>) -> BTreeSet<Key> {
        store.iter().map(|(key, _)| key.clone()).collect()
    }
    match role {
        Role::Node => keys(&cluster.nodes),
        Role::Pod => keys(&cluster.pods),
        Role::Service => keys(&cluster.services),
        Role::Endpoints => keys(&cluster.endpoints),
        Role::EndpointSlice => keys(&cluster.slices),
        Role::Ingress => keys(&cluster.ingresses),
    }
}

/// Adds to `affected` the objects of the role that objects of `kind` at `keys` concern.
pub(super) fn affected(
    role: Role,
    cluster: &Cluster,
    kind: Kind,
    keys: Vec<Key>,
    affected: &mut BTreeSet<Key>,
) {
    let is_own = matches!(
        (role, kind),
        (Role::Node, Kind::Node)
            | (Role::Pod, Kind::Pod)
            | (Role::Service, Kind::Service)
            | (Role::Endpoints, Kind::Endpoints)
            | (Role::EndpointSlice, Kind::Slice)
            | (Role::Ingress, Kind::Ingress)
    );
    if is_own {
        affected.extend(keys);
        return;
    }
    let keys: HashSet<Key> = keys.into_iter().collect();
    if kind == Kind::Namespace {
        let is_in = |key: &Key| keys.contains(&Key::new("", &key.namespace));
        affected.extend(all(role, cluster).into_iter().filter(is_in));
        return;
    }
    let has_node = |name: &str| kind == Kind::Node && keys.contains(&Key::new("", name));
    let has_pod = |reference: &Option<ObjectReference>| {
        let pod = reference.as_ref().filter(|reference| reference.kind == "Pod");
        kind == Kind::Pod
            && pod.is_some_and(|pod| keys.contains(&Key::new(&pod.namespace, &pod.name)))
    };
    match role {
        Role::Pod => {
            let pods = cluster.pods.iter().filter(|(_, pod)| has_node(&pod.spec.node_name));
            affected.extend(pods.map(|(key, _)| key.clone()));
        }
        Role::Endpoints => {
            let objects = cluster.endpoints.iter().filter(|(key, object)| {
                kind == Kind::Service && keys.contains(key)
                    || object.subsets.iter().any(|subset| {
                        subset.addresses.iter().chain(&subset.not_ready_addresses).any(|address| {
                            has_pod(&address.target_ref)
                                || address.node_name.as_deref().is_some_and(has_node)
                        })
                    })
            });
            affected.extend(objects.map(|(key, _)| key.clone()));
        }
        Role::EndpointSlice => {
            let slices = cluster.slices.iter().filter(|(key, slice)| {
                let service = endpointslice::service_name(slice);
                kind == Kind::Service
                    && service.is_some_and(|name| keys.contains(&Key::new(&key.namespace, name)))
                    || slice.endpoints.iter().any(|endpoint| {
                        let target = endpoint.target_ref.as_ref();
                        let node = target.filter(|target| target.kind == "Node");
                        has_pod(&endpoint.target_ref)
                            || endpoint.node_name.as_deref().is_some_and(has_node)
                            || node.is_some_and(|node| has_node(&node.name))
                    })
            });
            affected.extend(slices.map(|(key, _)| key.clone()));
        }
        Role::Node | Role::Service | Role::Ingress => {}
    }
}
