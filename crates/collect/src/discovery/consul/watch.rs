//! Following the catalog, and each service in it.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};

use super::api::{Api, Catalog, ServiceEntry};
use super::{Config, group};
use crate::discovery::{DiscoveryError, TargetGroup, Updates};

/// How long to leave Consul alone after it failed.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(15);

/// Follows the catalog until it is dropped.
pub(super) async fn follow(config: Config, updates: Updates, retry_after: Duration) {
    let (api, datacenter) = loop {
        match connect(&config, &updates).await {
            Ok(connected) => break connected,
            Err(error) => updates.failed(&error),
        }
        tokio::time::sleep(retry_after).await;
    };
    let mut services = Services {
        watch: Watch { api, config, datacenter, updates, retry_after },
        running: HashMap::new(),
        tasks: JoinSet::new(),
    };
    services.follow_catalog().await;
}

/// The API and the data centre to ask for.
async fn connect(config: &Config, updates: &Updates) -> Result<(Api, String), DiscoveryError> {
    let api = Api::new(config, updates.user_agent())?;
    let datacenter = match &config.datacenter {
        Some(datacenter) if !datacenter.is_empty() => datacenter.clone(),
        _ => api.datacenter().await?,
    };
    Ok((api, datacenter))
}

/// What a watch of one service needs.
#[derive(Clone)]
struct Watch {
    api: Api,
    config: Config,
    datacenter: String,
    updates: Updates,
    retry_after: Duration,
}

struct Services {
    watch: Watch,
    running: HashMap<String, AbortHandle>,
    tasks: JoinSet<()>,
}

impl Services {
    async fn follow_catalog(&mut self) {
        let config = self.watch.config.clone();
        // Services that are named need no catalog, unless it has to tell their tags.
        if !config.services.is_empty() && config.tags.is_empty() {
            config.services.iter().for_each(|service| self.start(service));
            while self.tasks.join_next().await.is_some() {}
            return;
        }
        let mut index = 0;
        loop {
            let asked = self.watch.catalog(index).await;
            match asked {
                Ok((next, catalog)) => {
                    if index != next || index == 0 {
                        self.apply(&catalog).await;
                    }
                    index = next;
                    tokio::time::sleep(config.refresh_interval.to_duration()).await;
                }
                Err(error) => {
                    self.watch.updates.failed(&error);
                    tokio::time::sleep(self.watch.retry_after).await;
                }
            }
        }
    }

    async fn apply(&mut self, catalog: &Catalog) {
        let config = &self.watch.config;
        let wanted: Vec<&String> = catalog
            .iter()
            .filter(|(service, tags)| config.wants(service, tags))
            .map(|(service, _)| service)
            .collect();
        let is_gone = |service: &String| !wanted.contains(&service);
        let gone: Vec<String> = self.running.keys().filter(|s| is_gone(s)).cloned().collect();
        for service in &gone {
            if let Some(task) = self.running.remove(service) {
                task.abort();
            }
        }
        for service in wanted {
            self.start(service);
        }
        if !gone.is_empty() {
            self.watch.updates.send(gone.into_iter().map(TargetGroup::gone).collect()).await;
        }
    }

    fn start(&mut self, service: &str) {
        if !self.running.contains_key(service) {
            let watch = self.watch.clone().service(service.to_owned());
            self.running.insert(service.to_owned(), self.tasks.spawn(watch));
        }
    }
}

impl Watch {
    async fn catalog(&self, index: u64) -> Result<(u64, Catalog), DiscoveryError> {
        let mut params = vec![("dc", self.datacenter.clone())];
        let metadata = self.config.node_meta.iter();
        params.extend(metadata.map(|(name, value)| ("node-meta", format!("{name}:{value}"))));
        params.extend(self.config.filter.clone().map(|filter| ("filter", filter)));
        let answer = self.api.watch("v1/catalog/services", &params, index).await?;
        Ok((answer.index, answer.value))
    }

    async fn service(self, service: String) {
        let mut index = 0;
        let mut sent = None;
        loop {
            match self.instances(&service, index).await {
                Ok((next, entries)) => {
                    let separator = &self.config.tag_separator;
                    let group = group(&service, &self.datacenter, &entries, separator);
                    if sent.as_ref() != Some(&group) {
                        self.updates.send(vec![group.clone()]).await;
                        sent = Some(group);
                    }
                    // Without an index nothing waits on the other side.
                    if next == 0 {
                        tokio::time::sleep(self.config.refresh_interval.to_duration()).await;
                    }
                    index = next;
                }
                Err(error) => {
                    self.updates.failed(&error);
                    index = 0;
                    tokio::time::sleep(self.retry_after).await;
                }
            }
        }
    }

    async fn instances(
        &self,
        service: &str,
        index: u64,
    ) -> Result<(u64, Vec<ServiceEntry>), DiscoveryError> {
        let mut params = vec![("dc", self.datacenter.clone())];
        params.extend(self.config.tags.iter().map(|tag| ("tag", tag.clone())));
        let metadata = self.config.node_meta.iter();
        params.extend(metadata.map(|(name, value)| ("node-meta", format!("{name}:{value}"))));
        params.extend(self.config.health_filter.clone().map(|filter| ("filter", filter)));
        let name: String = url::form_urlencoded::byte_serialize(service.as_bytes()).collect();
        let path = format!("v1/health/service/{}", name.replace('+', "%20"));
        let answer = self.api.watch(&path, &params, index).await?;
        Ok((answer.index, answer.value))
    }
}
