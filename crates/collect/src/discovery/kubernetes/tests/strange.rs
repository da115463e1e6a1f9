//! Objects with anything in any place: read or refused, but never a panic.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::cluster::{Change, Cluster, Key};
use super::super::config::{AttachMetadata, Role};
use super::super::objects::{EndpointSlice, Endpoints, Ingress, Node, Pod, Resource, Service};
use super::super::role::{View, all, group};
use super::roles;

/// Puts `value` in the place of the `at`-th node of `tree`, counted from the root.
fn replace(tree: &mut Value, at: &mut usize, value: &Value) -> bool {
    if *at == 0 {
        *tree = value.clone();
        return true;
    }
    *at -= 1;
    match tree {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, at, value)),
        Value::Object(fields) => fields.values_mut().any(|item| replace(item, at, value)),
        _ => false,
    }
}

fn read<T: Resource>(value: Value) -> Change<T> {
    let objects = serde_json::from_value::<T>(value).into_iter().collect();
    Change::Replaced { namespace: None, objects }
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!({})),
        Just(json!([])),
        Just(json!([null])),
        Just(json!([{}])),
        Just(json!({"a": null})),
        any::<i64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|said| json!(said)),
        "\\PC{0,8}".prop_map(|text| json!(text)),
    ]
}

proptest! {
    #[test]
    fn no_object_panics(kind in 0usize..6, at in 0usize..70, value in anything()) {
        let (mut object, role) = match kind {
            0 => (roles::node(), Role::Node),
            1 => (roles::pod(), Role::Pod),
            2 => (roles::service("ClusterIP"), Role::Service),
            3 => (roles::endpoints_object(), Role::Endpoints),
            4 => (roles::slice_object(), Role::EndpointSlice),
            _ => (roles::ingress_object(), Role::Ingress),
        };
        replace(&mut object, &mut at.clone(), &value);
        let mut cluster = Cluster::default();
        cluster.nodes.apply(read::<Node>(roles::node()));
        cluster.pods.apply(read::<Pod>(roles::pod()));
        cluster.services.apply(read::<Service>(roles::service("ClusterIP")));
        match role {
            Role::Node => drop(cluster.nodes.apply(read::<Node>(object))),
            Role::Pod => drop(cluster.pods.apply(read::<Pod>(object))),
            Role::Service => drop(cluster.services.apply(read::<Service>(object))),
            Role::Endpoints => drop(cluster.endpoints.apply(read::<Endpoints>(object))),
            Role::EndpointSlice => drop(cluster.slices.apply(read::<EndpointSlice>(object))),
            Role::Ingress => drop(cluster.ingresses.apply(read::<Ingress>(object))),
        }
        let attach = AttachMetadata { node: true, namespace: true };
        let view = View { cluster: &cluster, attach };
        for key in all(role, &cluster) {
            group(role, &view, &key);
        }
        group(role, &view, &Key::new("no", "body"));
    }
}
