//! Watches of all that a role looks at, held together in one picture of the cluster.

use std::collections::BTreeSet;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::access::{Access, InCluster};
use super::cluster::{Change, Cluster, Key};
use super::config::{Config, Role};
use super::objects::{EndpointSlice, Endpoints, Ingress, Namespace, Node, Pod, Resource, Service};
use super::role::{self, View};
use super::watch::{Retry, Scope, watch};
use crate::discovery::{DiscoveryError, Updates};

/// Changes that may wait before the watches do.
const QUEUE_MAX: usize = 256;
/// Changes that are taken together.
const BATCH_MAX: usize = 4096;

/// How patient to be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timing {
    pub(super) retry: Retry,
}

/// A change of objects of any kind.
enum AnyChange {
    Node(Change<Node>),
    Namespace(Change<Namespace>),
    Pod(Change<Pod>),
    Service(Change<Service>),
    Endpoints(Change<Endpoints>),
    Slice(Change<EndpointSlice>),
    Ingress(Change<Ingress>),
}

/// Sends the groups of `config`'s role until it is dropped.
pub(super) async fn follow(config: Config, updates: Updates, timing: Timing) {
    let access = Access::new(&config, InCluster::of_the_process(), updates.user_agent());
    let Some(role) = config.role else {
        return updates.failed(&DiscoveryError::Setup("role missing".to_owned()));
    };
    let mut watches = match Watches::start(&config, role, access, &updates, timing) {
        Ok(watches) => watches,
        Err(error) => return updates.failed(&error),
    };
    let mut cluster = Cluster::default();
    let attach = config.attach_metadata;
    let mut is_first = true;
    while let Some(message) = watches.receiver.recv().await {
        let mut affected = BTreeSet::new();
        watches.take(message, role, &mut cluster, &mut affected);
        for _ in 1..BATCH_MAX {
            let Ok(message) = watches.receiver.try_recv() else { break };
            watches.take(message, role, &mut cluster, &mut affected);
        }
        // Until everything was listed once, groups would lack what belongs to them.
        if !watches.unlisted.is_empty() {
            continue;
        }
        if std::mem::take(&mut is_first) {
            affected = role::all(role, &cluster);
        } else if affected.is_empty() {
            continue;
        }
        let view = View { cluster: &cluster, attach };
        updates.send(affected.iter().map(|key| role::group(role, &view, key)).collect()).await;
    }
}

/// The watches at work.
struct Watches {
    receiver: mpsc::Receiver<(usize, AnyChange)>,
    /// Those that listed nothing yet.
    unlisted: BTreeSet<usize>,
    /// Held so that the watches end with this.
    _tasks: JoinSet<()>,
}

impl Watches {
    fn start(
        config: &Config,
        role: Role,
        access: Access,
        updates: &Updates,
        timing: Timing,
    ) -> Result<Self, DiscoveryError> {
        let namespaces = access.namespaces()?;
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let mut starter = Starter {
            config,
            access,
            updates,
            timing,
            sender,
            unlisted: BTreeSet::new(),
            tasks: JoinSet::new(),
        };
        let attach = config.attach_metadata;
        for namespace in &namespaces {
            let namespace = namespace.as_deref();
            match role {
                Role::Node => {}
                Role::Pod => starter.watch(namespace, Role::Pod, AnyChange::Pod),
                Role::Service => starter.watch(namespace, Role::Service, AnyChange::Service),
                Role::Ingress => starter.watch(namespace, Role::Ingress, AnyChange::Ingress),
                Role::Endpoints => {
                    starter.watch(namespace, Role::Endpoints, AnyChange::Endpoints);
                }
                Role::EndpointSlice => {
                    starter.watch(namespace, Role::EndpointSlice, AnyChange::Slice);
                }
            }
            if matches!(role, Role::Endpoints | Role::EndpointSlice) {
                starter.watch(namespace, Role::Service, AnyChange::Service);
                starter.watch(namespace, Role::Pod, AnyChange::Pod);
            }
        }
        let runs_on_nodes = matches!(role, Role::Pod | Role::Endpoints | Role::EndpointSlice);
        if role == Role::Node || (attach.node && runs_on_nodes) {
            starter.watch(None, Role::Node, AnyChange::Node);
        }
        if attach.namespace && role != Role::Node {
            starter.watch_namespaces();
        }
        let Starter { unlisted, tasks, .. } = starter;
        Ok(Self { receiver, unlisted, _tasks: tasks })
    }

    /// Applies a change and notes which objects of the role it concerns.
    fn take(
        &mut self,
        (id, change): (usize, AnyChange),
        role: Role,
        cluster: &mut Cluster,
        affected: &mut BTreeSet<Key>,
    ) {
        self.unlisted.remove(&id);
        let (kind, keys) = match change {
            AnyChange::Node(change) => (role::Kind::Node, cluster.nodes.apply(change)),
            AnyChange::Namespace(change) => {
                (role::Kind::Namespace, cluster.namespaces.apply(change))
            }
            AnyChange::Pod(change) => (role::Kind::Pod, cluster.pods.apply(change)),
            AnyChange::Service(change) => (role::Kind::Service, cluster.services.apply(change)),
            AnyChange::Endpoints(change) => {
                (role::Kind::Endpoints, cluster.endpoints.apply(change))
            }
            AnyChange::Slice(change) => (role::Kind::Slice, cluster.slices.apply(change)),
            AnyChange::Ingress(change) => (role::Kind::Ingress, cluster.ingresses.apply(change)),
        };
        if !keys.is_empty() {
            role::affected(role, cluster, kind, keys, affected);
        }
    }
}

struct Starter<'a> {
    config: &'a Config,
    access: Access,
    updates: &'a Updates,
    timing: Timing,
    sender: mpsc::Sender<(usize, AnyChange)>,
    unlisted: BTreeSet<usize>,
    tasks: JoinSet<()>,
}

impl Starter<'_> {
    fn watch<T: Resource>(
        &mut self,
        namespace: Option<&str>,
        role: Role,
        wrap: fn(Change<T>) -> AnyChange,
    ) {
        let selector = self.config.selector(role).cloned();
        self.spawn(namespace, selector, wrap);
    }

    fn watch_namespaces(&mut self) {
        self.spawn(None, None, AnyChange::Namespace);
    }

    fn spawn<T: Resource>(
        &mut self,
        namespace: Option<&str>,
        selector: Option<super::config::Selector>,
        wrap: fn(Change<T>) -> AnyChange,
    ) {
        let id = self.unlisted.len();
        self.unlisted.insert(id);
        let scope = Scope {
            access: self.access.clone(),
            namespace: namespace.map(str::to_owned),
            selector,
            retry: self.timing.retry,
            updates: self.updates.clone(),
        };
        let sender = self.sender.clone();
        let (changes, mut receiver) = mpsc::channel(1);
        self.tasks.spawn(watch::<T>(scope, changes));
        self.tasks.spawn(async move {
            while let Some(change) = receiver.recv().await {
                if sender.send((id, wrap(change))).await.is_err() {
                    return;
                }
            }
        });
    }
}
