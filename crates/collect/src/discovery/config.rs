//! The `*_sd_configs` of one job.

use std::path::Path;

use serde::Serialize;
use serde::de::{IgnoredAny, MapAccess};

use super::{StaticConfig, consul, dns, docker, dockerswarm, ec2, file, http, kubernetes};
use crate::fields::Fields;
use crate::http_client::HttpClientError;
use crate::yaml_fields;

/// Discovery that Prometheus has and that is not built: a job that has it loads
/// and finds no targets there.
pub const NOT_BUILT: &[&str] = &[
    "azure_sd_configs",
    "digitalocean_sd_configs",
    "eureka_sd_configs",
    "gce_sd_configs",
    "hetzner_sd_configs",
    "ionos_sd_configs",
    "kuma_sd_configs",
    "lightsail_sd_configs",
    "linode_sd_configs",
    "marathon_sd_configs",
    "nerve_sd_configs",
    "nomad_sd_configs",
    "openstack_sd_configs",
    "ovhcloud_sd_configs",
    "puppetdb_sd_configs",
    "scaleway_sd_configs",
    "serverset_sd_configs",
    "stackit_sd_configs",
    "triton_sd_configs",
    "uyuni_sd_configs",
    "vultr_sd_configs",
];

/// All discovery of one job.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DiscoveryConfigs {
    /// Targets written down.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub static_configs: Vec<StaticConfig>,
    /// Targets in files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_sd_configs: Vec<file::Config>,
    /// Targets that HTTP servers list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub http_sd_configs: Vec<http::Config>,
    /// Targets that names resolve to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns_sd_configs: Vec<dns::Config>,
    /// Objects of Kubernetes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kubernetes_sd_configs: Vec<kubernetes::Config>,
    /// Services of Consul.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consul_sd_configs: Vec<consul::Config>,
    /// Containers of Docker.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub docker_sd_configs: Vec<docker::Config>,
    /// Services, tasks and nodes of a Docker Swarm.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dockerswarm_sd_configs: Vec<dockerswarm::Config>,
    /// Instances of Amazon EC2.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ec2_sd_configs: Vec<ec2::Config>,
    /// Which of [`NOT_BUILT`] the job asks for.
    #[serde(skip)]
    pub not_built: NotBuilt,
}

yaml_fields!(deserialize DiscoveryConfigs {
    static_configs,
    file_sd_configs,
    http_sd_configs,
    dns_sd_configs,
    kubernetes_sd_configs,
    consul_sd_configs,
    docker_sd_configs,
    dockerswarm_sd_configs,
    ec2_sd_configs,
} + not_built: NotBuilt);

/// Keys that were read over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotBuilt(pub Vec<&'static str>);

impl Fields for NotBuilt {
    fn names(names: &mut Vec<&'static &'static str>) {
        names.extend(NOT_BUILT);
    }

    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        let Some(known) = NOT_BUILT.iter().find(|known| **known == name) else { return Ok(false) };
        map.next_value::<IgnoredAny>()?;
        self.0.push(known);
        Ok(true)
    }
}

/// Discovery that can't be meant.
#[derive(Debug, thiserror::Error)]
#[error("{mechanism}: {reason}")]
pub struct DiscoveryConfigError {
    /// The key, such as `file_sd_configs`.
    pub mechanism: &'static str,
    /// What is wrong.
    pub reason: String,
}

impl DiscoveryConfigs {
    /// Whether all targets are written down, so that they are known at once.
    pub fn is_static(&self) -> bool {
        *self == Self { static_configs: self.static_configs.clone(), ..Self::default() }
    }

    /// Makes relative paths start from `dir`.
    pub fn set_directory(&mut self, dir: &Path) {
        self.file_sd_configs.iter_mut().for_each(|config| config.set_directory(dir));
        self.http_sd_configs.iter_mut().for_each(|config| config.http.set_directory(dir));
        self.kubernetes_sd_configs.iter_mut().for_each(|config| config.set_directory(dir));
        self.consul_sd_configs.iter_mut().for_each(|config| config.http.set_directory(dir));
        self.docker_sd_configs.iter_mut().for_each(|config| config.http.set_directory(dir));
        self.dockerswarm_sd_configs.iter_mut().for_each(|config| config.http.set_directory(dir));
        self.ec2_sd_configs.iter_mut().for_each(|config| config.http.set_directory(dir));
    }

    /// Refuses what Prometheus, too, refuses.
    ///
    /// # Errors
    /// With the first fault.
    pub fn check(&self) -> Result<(), DiscoveryConfigError> {
        let all = |mechanism, mut results: Vec<Result<(), String>>| {
            let first = results.iter().position(Result::is_err).map(|at| results.swap_remove(at));
            first.unwrap_or(Ok(())).map_err(|reason| DiscoveryConfigError { mechanism, reason })
        };
        all("file_sd_configs", self.file_sd_configs.iter().map(file::Config::check).collect())?;
        all("http_sd_configs", self.http_sd_configs.iter().map(http::Config::check).collect())?;
        all("dns_sd_configs", self.dns_sd_configs.iter().map(dns::Config::check).collect())?;
        let kubernetes = self.kubernetes_sd_configs.iter().map(kubernetes::Config::check);
        all("kubernetes_sd_configs", kubernetes.collect())?;
        let consul = self.consul_sd_configs.iter().map(consul::Config::check);
        all("consul_sd_configs", consul.collect())?;
        let docker = self.docker_sd_configs.iter().map(docker::Config::check);
        all("docker_sd_configs", docker.collect())?;
        let swarms = self.dockerswarm_sd_configs.iter().map(dockerswarm::Config::check);
        all("dockerswarm_sd_configs", swarms.collect())?;
        all("ec2_sd_configs", self.ec2_sd_configs.iter().map(ec2::Config::check).collect())
    }
}

/// HTTP settings that can't be meant, as a text.
pub(super) fn check_http(http: &crate::http_client::HttpClientConfig) -> Result<(), String> {
    http.check().map_err(|error: HttpClientError| error.to_string())
}
