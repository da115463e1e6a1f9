//! The query APIs of EC2 and STS, and the metadata of instances, as far as they are read.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, OnceCell};

use super::credentials::{Credentials, Environment, Source, from_file};
use super::instances::Reservation;
use super::sign::{Scope, sign};
use super::{Config, Filter};
use crate::discovery::DiscoveryError;
use crate::discovery::answer::Answer;
use crate::http_client::{HttpClient, Secret};

const EC2_VERSION: &str = "2016-11-15";
const STS_VERSION: &str = "2011-06-15";
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
/// Pages of instances: a thousand each, far beyond what one job scrapes.
const PAGES_MAX: usize = 1000;

/// Asks EC2 on behalf of one configuration.
#[derive(Debug)]
pub(super) struct Api {
    client: HttpClient,
    config: Config,
    environment: Environment,
    region: OnceCell<String>,
    zones: OnceCell<BTreeMap<String, String>>,
    credentials: Mutex<Option<Credentials>>,
}

type Params = Vec<(String, String)>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct DescribeInstances {
    reservation_set: Items<Reservation>,
    next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DescribeAvailabilityZones {
    availability_zone_info: Items<Zone>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Zone {
    zone_name: String,
    zone_id: String,
}

/// How these APIs write lists.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(super) struct Items<T> {
    pub(super) item: Vec<T>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { item: Vec::new() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole {
    #[serde(alias = "AssumeRoleWithWebIdentityResult")]
    assume_role_result: AssumeRoleResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRoleResult {
    credentials: RoleCredentials,
}

/// Keys as STS and the metadata write them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleCredentials {
    access_key_id: String,
    secret_access_key: Secret,
    #[serde(alias = "Token")]
    session_token: Secret,
    expiration: Timestamp,
}

impl From<RoleCredentials> for Credentials {
    fn from(keys: RoleCredentials) -> Self {
        Self {
            access_key: keys.access_key_id,
            secret_key: keys.secret_access_key,
            session_token: Some(keys.session_token),
            expires_at: Some(keys.expiration),
        }
    }
}

impl Api {
    pub(super) fn new(
        config: &Config,
        environment: Environment,
        user_agent: &str,
    ) -> Result<Self, DiscoveryError> {
        Ok(Self {
            client: HttpClient::new(&config.http, user_agent)?,
            config: config.clone(),
            environment,
            region: OnceCell::new(),
            zones: OnceCell::new(),
            credentials: Mutex::default(),
        })
    }

    /// All instances that match `filters`, page by page.
    pub(super) async fn instances(
        &self,
        filters: &[Filter],
    ) -> Result<Vec<Reservation>, DiscoveryError> {
        let mut params: Params = Vec::new();
        for (filter, number) in filters.iter().zip(1..) {
            params.push((format!("Filter.{number}.Name"), filter.name.clone()));
            params.extend(filter.values.iter().zip(1..).map(|(value, position)| {
                (format!("Filter.{number}.Value.{position}"), value.clone())
            }));
        }
        let mut reservations = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let mut params = params.clone();
            params.extend(next.take().map(|token| ("NextToken".to_owned(), token)));
            let page: DescribeInstances = self.ec2("DescribeInstances", params).await?;
            reservations.extend(page.reservation_set.item);
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        Ok(reservations)
    }

    /// The identifiers of availability zones by name; empty where that is not allowed.
    pub(super) async fn zones(&self) -> BTreeMap<String, String> {
        let asked = self.zones.get_or_try_init(async || {
            let answer: DescribeAvailabilityZones =
                self.ec2("DescribeAvailabilityZones", Vec::new()).await?;
            let zones = answer.availability_zone_info.item.into_iter();
            Ok::<_, DiscoveryError>(zones.map(|zone| (zone.zone_name, zone.zone_id)).collect())
        });
        match asked.await {
            Ok(zones) => zones.clone(),
            Err(error) => {
                tracing::debug!(%error, "availability zones have no identifiers");
                BTreeMap::new()
            }
        }
    }

    /// The region: configured, of the environment, or of the instance.
    pub(super) async fn region(&self) -> Result<String, DiscoveryError> {
        let configured = self.config.region.as_deref().filter(|region| !region.is_empty());
        let environment = &self.environment;
        let known = configured
            .or_else(|| environment.get("AWS_REGION"))
            .or_else(|| environment.get("AWS_DEFAULT_REGION"));
        if let Some(region) = known {
            return Ok(region.to_owned());
        }
        let asked = self.region.get_or_try_init(|| self.metadata("placement/region"));
        asked.await.cloned().map_err(|error| {
            DiscoveryError::Setup(format!("EC2 SD configuration requires a region ({error})"))
        })
    }

    async fn ec2<T: DeserializeOwned>(
        &self,
        action: &str,
        mut params: Params,
    ) -> Result<T, DiscoveryError> {
        let region = self.region().await?;
        let endpoint = match self.config.endpoint.as_deref().filter(|text| !text.is_empty()) {
            Some(endpoint) if endpoint.contains("://") => endpoint.to_owned(),
            Some(endpoint) => format!("https://{endpoint}"),
            None => format!("https://ec2.{region}.{}", domain(&region)),
        };
        params.push(("Action".to_owned(), action.to_owned()));
        params.push(("Version".to_owned(), EC2_VERSION.to_owned()));
        let credentials = self.credentials().await?;
        self.query("ec2", &endpoint, &params, Some(&credentials)).await
    }

    async fn query<T: DeserializeOwned>(
        &self,
        service: &str,
        endpoint: &str,
        params: &Params,
        credentials: Option<&Credentials>,
    ) -> Result<T, DiscoveryError> {
        let url = Url::parse(endpoint)
            .map_err(|error| DiscoveryError::Setup(format!("endpoint {endpoint:?}: {error}")))?;
        let body: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let mut request = self.client.request(Method::POST, url.clone()).await?;
        match credentials {
            Some(credentials) => {
                let region = self.region().await?;
                let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
                let scope = Scope { region: &region, service, time: &time };
                for (name, value) in sign(credentials, &scope, ("POST", &url, FORM, &body)) {
                    request = request.header(name, value);
                }
            }
            None => request = request.header("content-type", FORM),
        }
        let request = request.body(body).timeout(self.config.refresh_interval.to_duration());
        let answer = Answer::to(request).await?;
        let text = String::from_utf8_lossy(&answer.body);
        quick_xml::de::from_str(&text).map_err(|error| DiscoveryError::Malformed {
            place: answer.url.clone(),
            reason: error.to_string(),
        })
    }

    /// Keys that are good for now.
    async fn credentials(&self) -> Result<Credentials, DiscoveryError> {
        let mut kept = self.credentials.lock().await;
        if let Some(credentials) = &*kept
            && credentials.are_fresh(Timestamp::now())
        {
            return Ok(credentials.clone());
        }
        let mut credentials = self.own_credentials().await?;
        if let Some(role) = self.config.role_arn.as_deref().filter(|role| !role.is_empty()) {
            credentials = self.assume(role, &credentials).await?;
        }
        // A file may be written anew, so what it said is not kept.
        let is_file = matches!(self.environment.source(&self.config), Source::File { .. });
        if credentials.expires_at.is_some() || !is_file {
            *kept = Some(credentials.clone());
        }
        Ok(credentials)
    }

    async fn own_credentials(&self) -> Result<Credentials, DiscoveryError> {
        match self.environment.source(&self.config) {
            Source::Known(credentials) => Ok(credentials),
            Source::File { path, profile } => from_file(&path, &profile),
            Source::WebIdentity { role_arn, session_name, token_file } => {
                self.assume_with_web_identity(role_arn, session_name, &token_file).await
            }
            Source::Instance => {
                let role = self.metadata("iam/security-credentials/").await?;
                let role = role.lines().next().unwrap_or("");
                let path = format!("iam/security-credentials/{role}");
                let text = self.metadata(&path).await?;
                let keys: RoleCredentials = serde_json::from_str(&text).map_err(|error| {
                    DiscoveryError::Malformed { place: path, reason: error.to_string() }
                })?;
                Ok(keys.into())
            }
        }
    }

    async fn assume(&self, role: &str, own: &Credentials) -> Result<Credentials, DiscoveryError> {
        let mut params = sts("AssumeRole", role, "bellwether");
        let external = self.config.external_id.iter();
        params.extend(external.map(|id| ("ExternalId".to_owned(), id.clone())));
        let endpoint = self.sts_endpoint().await?;
        let answer: AssumeRole = self.query("sts", &endpoint, &params, Some(own)).await?;
        Ok(answer.assume_role_result.credentials.into())
    }

    async fn assume_with_web_identity(
        &self,
        role: String,
        session: String,
        token_file: &Path,
    ) -> Result<Credentials, DiscoveryError> {
        let token = std::fs::read_to_string(token_file).map_err(|source| DiscoveryError::File {
            path: token_file.display().to_string(),
            source,
        })?;
        let mut params = sts("AssumeRoleWithWebIdentity", &role, &session);
        params.push(("WebIdentityToken".to_owned(), token.trim().to_owned()));
        let endpoint = self.sts_endpoint().await?;
        let answer: AssumeRole = self.query("sts", &endpoint, &params, None).await?;
        Ok(answer.assume_role_result.credentials.into())
    }

    async fn sts_endpoint(&self) -> Result<String, DiscoveryError> {
        let region = self.region().await?;
        let usual = || format!("https://sts.{region}.{}", domain(&region));
        Ok(self.environment.sts_url.clone().unwrap_or_else(usual))
    }

    /// A text of the instance's metadata, version 2: by a token that is asked for first.
    async fn metadata(&self, path: &str) -> Result<String, DiscoveryError> {
        let base = self.environment.metadata_url.trim_end_matches('/');
        let url = |path: &str| {
            let text = format!("{base}/latest/{path}");
            Url::parse(&text).map_err(|error| DiscoveryError::Setup(format!("{text:?}: {error}")))
        };
        let timeout = std::time::Duration::from_secs(5);
        let text = |answer: Answer| String::from_utf8_lossy(&answer.body).trim().to_owned();
        let request = self.client.request(Method::PUT, url("api/token")?).await?;
        let request = request.header("X-aws-ec2-metadata-token-ttl-seconds", "60").timeout(timeout);
        let token = text(Answer::to(request).await?);
        let request = self.client.request(Method::GET, url(&format!("meta-data/{path}"))?).await?;
        let request = request.header("X-aws-ec2-metadata-token", token).timeout(timeout);
        Ok(text(Answer::to(request).await?))
    }
}

fn sts(action: &str, role: &str, session: &str) -> Params {
    [("Action", action), ("Version", STS_VERSION), ("RoleArn", role), ("RoleSessionName", session)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// China has a cloud of its own.
fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}
