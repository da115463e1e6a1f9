//! The configuration, in the shape of `prometheus.yml`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::discovery::config::check_http;
use crate::http_client::{HttpClientConfig, join};
use crate::yaml_fields;

/// One item of `kubernetes_sd_configs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Config {
    /// The API server; without it and a kubeconfig, that of the cluster this runs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_server: Option<String>,
    /// Which objects become targets.
    pub role: Option<Role>,
    /// A file that says how to reach the API server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubeconfig_file: Option<String>,
    /// Where objects are sought; everywhere where nothing is said.
    #[serde(skip_serializing_if = "Namespaces::is_default")]
    pub namespaces: Namespaces,
    /// Which objects of each kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<Selector>,
    /// What is added to targets.
    #[serde(skip_serializing_if = "AttachMetadata::is_default")]
    pub attach_metadata: AttachMetadata,
    /// How to reach the API server.
    #[serde(flatten)]
    pub http: HttpClientConfig,
}

yaml_fields!(deserialize Config {
    api_server,
    role,
    kubeconfig_file,
    namespaces,
    selectors,
    attach_metadata,
} + http: HttpClientConfig);

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Machines.
    Node,
    /// Groups of containers.
    Pod,
    /// Names for sets of pods.
    Service,
    /// Addresses behind a service, all in one object.
    Endpoints,
    /// Addresses behind a service, slice by slice.
    EndpointSlice,
    /// Ways into the cluster.
    Ingress,
}

/// Where objects are sought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Namespaces {
    /// Whether in that of this process.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own_namespace: bool,
    /// In these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl Namespaces {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Which objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Selector {
    /// The kind.
    pub role: Role,
    /// By labels.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// By fields.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
}

/// What is added to targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttachMetadata {
    /// Labels of the node that a target runs on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub node: bool,
    /// Labels and annotations of its namespace.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub namespace: bool,
}

impl AttachMetadata {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Role {
    /// The roles whose selectors this one knows: those of the objects it looks at.
    const fn selectable(self) -> &'static [Self] {
        match self {
            Self::Node => &[Self::Node],
            Self::Pod => &[Self::Pod],
            Self::Service => &[Self::Service],
            Self::Ingress => &[Self::Ingress],
            Self::Endpoints => &[Self::Pod, Self::Service, Self::Endpoints],
            Self::EndpointSlice => &[Self::Pod, Self::Service, Self::EndpointSlice],
        }
    }
}

impl Config {
    /// Makes relative paths start from `dir`.
    pub(in crate::discovery) fn set_directory(&mut self, dir: &Path) {
        join(dir, &mut self.kubeconfig_file);
        self.http.set_directory(dir);
    }

    pub(in crate::discovery) fn check(&self) -> Result<(), String> {
        let Some(role) = self.role else {
            return Err(
                "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)"
                    .to_owned(),
            );
        };
        let is_set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let (has_server, has_file) = (is_set(&self.api_server), is_set(&self.kubeconfig_file));
        if has_server && has_file {
            return Err("cannot use 'kubeconfig_file' and 'api_server' simultaneously".to_owned());
        }
        if !has_server && self.http != HttpClientConfig::default() {
            return Err("to use custom HTTP client configuration please provide the 'api_server' URL explicitly".to_owned());
        }
        if self.namespaces.own_namespace && (has_server || has_file) {
            return Err("cannot use 'api_server' or 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously".to_owned());
        }
        for (index, selector) in self.selectors.iter().enumerate() {
            if !role.selectable().contains(&selector.role) {
                return Err(format!(
                    "{role:?} role supports only {:?} selectors",
                    role.selectable()
                ));
            }
            if self.selectors[..index].iter().any(|other| other.role == selector.role) {
                return Err(format!("duplicated selector role: {:?}", selector.role));
            }
        }
        if let Some(server) = self.api_server.as_ref().filter(|_| has_server) {
            reqwest::Url::parse(server)
                .map_err(|error| format!("api_server {server:?}: {error}"))?;
        }
        check_http(&self.http)
    }

    /// The selector of objects of `role`.
    pub(super) fn selector(&self, role: Role) -> Option<&Selector> {
        self.selectors.iter().find(|selector| selector.role == role)
    }
}
