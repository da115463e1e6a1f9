//! What is known of a cluster: objects by namespace and name.

use std::collections::HashMap;
use std::sync::Arc;

use super::objects::{
    EndpointSlice, Endpoints, Ingress, Namespace, Node, ObjectReference, Pod, Resource, Service,
};

/// Where an object is; nodes and namespaces have an empty namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Key {
    pub(super) fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.to_owned(), name: name.to_owned() }
    }

    pub(super) fn of(object: &impl Resource) -> Self {
        Self::new(&object.metadata().namespace, &object.metadata().name)
    }
}

/// A change of the objects of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change<T> {
    /// These are all objects (of a namespace, where one is named).
    Replaced { namespace: Option<String>, objects: Vec<T> },
    /// This object is new or changed.
    Applied(Box<T>),
    /// This object is gone.
    Deleted(Key),
}

/// All objects of one kind.
#[derive(Debug)]
pub(super) struct Store<T>(HashMap<Key, Arc<T>>);

impl<T> Default for Store<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Resource> Store<T> {
    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<&Arc<T>> {
        self.0.get(&Key::new(namespace, name))
    }

    pub(super) fn by_key(&self, key: &Key) -> Option<&Arc<T>> {
        self.0.get(key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &Arc<T>)> {
        self.0.iter()
    }

    /// Applies a change; gives the keys of all objects that differ now.
    pub(super) fn apply(&mut self, change: Change<T>) -> Vec<Key> {
        match change {
            Change::Applied(object) => self.insert(*object).into_iter().collect(),
            Change::Deleted(key) => self.0.remove(&key).map(|_| key).into_iter().collect(),
            Change::Replaced { namespace, objects } => {
                let is_meant =
                    |key: &Key| namespace.as_ref().is_none_or(|name| *name == key.namespace);
                let kept: std::collections::HashSet<Key> = objects.iter().map(Key::of).collect();
                let gone = self.0.keys().filter(|key| is_meant(key) && !kept.contains(key));
                let mut changed: Vec<Key> = gone.cloned().collect();
                for key in &changed {
                    self.0.remove(key);
                }
                changed.extend(objects.into_iter().filter_map(|object| self.insert(object)));
                changed
            }
        }
    }

    fn insert(&mut self, object: T) -> Option<Key> {
        let key = Key::of(&object);
        if self.0.get(&key).is_some_and(|before| **before == object) {
            return None;
        }
        self.0.insert(key.clone(), Arc::new(object));
        Some(key)
    }
}

/// All objects that roles look at.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    pub(super) nodes: Store<Node>,
    pub(super) namespaces: Store<Namespace>,
    pub(super) pods: Store<Pod>,
    pub(super) services: Store<Service>,
    pub(super) endpoints: Store<Endpoints>,
    pub(super) slices: Store<EndpointSlice>,
    pub(super) ingresses: Store<Ingress>,
}

impl Cluster {
    pub(super) fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.get("", name).map(|node| &**node)
    }

    pub(super) fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.namespaces.get("", name).map(|namespace| &**namespace)
    }

    /// The pod that a reference means, if it means one.
    pub(super) fn pod(&self, reference: Option<&ObjectReference>) -> Option<&Pod> {
        let reference = reference.filter(|reference| reference.kind == "Pod")?;
        self.pods.get(&reference.namespace, &reference.name).map(|pod| &**pod)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(namespace: &str, name: &str, ip: &str) -> Pod {
        let mut pod = Pod::default();
        pod.metadata.namespace = namespace.into();
        pod.metadata.name = name.into();
        pod.status.pod_ip = ip.into();
        pod
    }

    #[test]
    fn changes_name_what_differs() {
        let mut store = Store::default();
        let (a, b) = (pod("x", "a", "1"), pod("y", "b", "1"));
        let all = Change::Replaced { namespace: None, objects: vec![a.clone(), b.clone()] };
        assert_eq!(store.apply(all.clone()).len(), 2);
        assert_eq!(store.apply(all), []);
        assert_eq!(store.apply(Change::Applied(Box::new(a))), []);
        assert_eq!(
            store.apply(Change::Applied(Box::new(pod("x", "a", "2")))),
            [Key::new("x", "a")]
        );
        // A list of one namespace leaves the others alone.
        let of_x = Change::Replaced { namespace: Some("x".into()), objects: vec![] };
        assert_eq!(store.apply(of_x), [Key::new("x", "a")]);
        assert_eq!(store.apply(Change::Deleted(Key::new("y", "b"))), [Key::new("y", "b")]);
        assert_eq!(store.apply(Change::Deleted(Key::new("y", "b"))), []);
    }
}
