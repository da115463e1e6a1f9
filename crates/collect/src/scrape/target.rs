//! From what discovery found to what is scraped: labels, URL, interval.
//!
//! The rules are Prometheus' (`scrape/target.go`, `PopulateLabels`): job
//! settings become `__…__` labels, relabelling may change them, and what is left
//! of them says where and how often to scrape.

use model::{Labels, LabelsBuilder, PromDuration};
use pipeline::relabel::{RelabelRule, Relabelled, relabel};
use reqwest::Url;

use super::config::ScrapeConfig;

const ADDRESS: &str = "__address__";
const SCHEME: &str = "__scheme__";
const METRICS_PATH: &str = "__metrics_path__";
const INTERVAL: &str = "__scrape_interval__";
const TIMEOUT: &str = "__scrape_timeout__";
const PARAM_PREFIX: &str = "__param_";
const META_PREFIX: &str = "__meta_";
const RESERVED_PREFIX: &str = "__";

/// One place to scrape.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What discovery said, with the job's settings.
    pub discovered: Labels,
    /// The labels of its samples.
    pub labels: Labels,
    /// Where.
    pub url: Url,
    /// How often.
    pub interval: PromDuration,
    /// After how long a scrape is given up.
    pub timeout: PromDuration,
}

/// What became of a discovered target.
#[derive(Clone, Debug)]
pub enum Populated {
    /// It is scraped.
    Active(Box<Target>),
    /// A rule dropped it; these are its discovered labels.
    Dropped(Labels),
}

/// A discovered target that can't be scraped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No address is left after relabelling.
    #[error("no address")]
    NoAddress,
    /// A path where a host is expected.
    #[error("{0:?} is not a valid hostname")]
    Hostname(String),
    /// The parts make no URL.
    #[error("invalid URL {url:?}: {reason}")]
    Url {
        /// What they make.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An interval or a timeout that is no duration, is zero, or does not fit the other.
    #[error("{label} {value:?}: {reason}")]
    Timing {
        /// Which label.
        label: &'static str,
        /// Its value.
        value: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// The labels with which a target goes into relabelling.
pub fn discovered_labels(config: &ScrapeConfig, group: &Labels, target: &Labels) -> LabelsBuilder {
    let mut labels = group.to_builder();
    for (name, value) in target.iter() {
        labels.set(name, value);
    }
    let mut default = |name: &str, value: &str| {
        if labels.get(name).is_none() {
            labels.set(name, value);
        }
    };
    default("job", &config.job_name);
    default(INTERVAL, &config.interval().to_string());
    default(TIMEOUT, &config.timeout().to_string());
    default(METRICS_PATH, &config.metrics_path);
    default(SCHEME, config.scheme.as_str());
    for (name, values) in &config.params {
        if let Some(value) = values.first() {
            default(&format!("{PARAM_PREFIX}{name}"), value);
        }
    }
    labels
}

/// Turns one discovered target into what is scraped.
///
/// # Errors
/// Where relabelling leaves nothing that can be scraped.
pub fn populate(
    config: &ScrapeConfig,
    rules: &[RelabelRule],
    group: &Labels,
    target: &Labels,
) -> Result<Populated, TargetError> {
    let mut labels = discovered_labels(config, group, target);
    let discovered = labels.build();
    if relabel(rules, &mut labels) == Relabelled::Drop {
        return Ok(Populated::Dropped(discovered));
    }
    let address = labels.get(ADDRESS).ok_or(TargetError::NoAddress)?.to_owned();
    if address.contains('/') {
        return Err(TargetError::Hostname(address));
    }
    let (interval, timeout) = timing(&labels)?;
    let url = url(config, &labels, &address)?;
    if labels.get("instance").is_none() {
        labels.set("instance", &address);
    }
    labels.retain(|name, _| !name.starts_with(META_PREFIX) && !name.starts_with(RESERVED_PREFIX));
    let labels = labels.build();
    Ok(Populated::Active(Box::new(Target { discovered, labels, url, interval, timeout })))
}

fn timing(labels: &LabelsBuilder) -> Result<(PromDuration, PromDuration), TargetError> {
    let read = |label: &'static str| {
        let value = labels.get(label).unwrap_or("");
        let fault = |reason| TargetError::Timing { label, value: value.to_owned(), reason };
        match PromDuration::parse(value) {
            Ok(duration) if duration.is_zero() => Err(fault("must be greater than 0")),
            Ok(duration) => Ok(duration),
            Err(_) => Err(fault("is no duration")),
        }
    };
    let (interval, timeout) = (read(INTERVAL)?, read(TIMEOUT)?);
    if timeout > interval {
        return Err(TargetError::Timing {
            label: TIMEOUT,
            value: timeout.to_string(),
            reason: "is longer than the interval",
        });
    }
    Ok((interval, timeout))
}

fn url(config: &ScrapeConfig, labels: &LabelsBuilder, address: &str) -> Result<Url, TargetError> {
    let scheme = labels.get(SCHEME).unwrap_or("http");
    let path = labels.get(METRICS_PATH).unwrap_or("");
    let separator = if path.starts_with('/') || path.is_empty() { "" } else { "/" };
    let text = format!("{scheme}://{address}{separator}{path}");
    let mut url = Url::parse(&text)
        .map_err(|error| TargetError::Url { url: text, reason: error.to_string() })?;
    let pairs = params(config, labels);
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    Ok(url)
}

/// The job's parameters, the first value of each as relabelling left it, and
/// those that only relabelling made.
fn params(config: &ScrapeConfig, labels: &LabelsBuilder) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, values) in &config.params {
        let first = labels.get(&format!("{PARAM_PREFIX}{name}")).map(str::to_owned);
        let rest = values.iter().skip(1).cloned();
        pairs.extend(first.into_iter().chain(rest).map(|value| (name.clone(), value)));
    }
    for (label, value) in labels.iter() {
        if let Some(name) = label.strip_prefix(PARAM_PREFIX)
            && !config.params.contains_key(name)
        {
            pairs.push((name.to_owned(), value.to_owned()));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrape::config::GlobalConfig;

    fn resolve(yaml: &str) -> ScrapeConfig {
        let config: ScrapeConfig = serde_saphyr::from_str(yaml).unwrap();
        config.resolve(&GlobalConfig::default()).unwrap()
    }

    fn populate_one(yaml: &str, pairs: &[(&str, &str)]) -> Result<Populated, TargetError> {
        let config = resolve(yaml);
        let rules = pipeline::RelabelConfig::compile_all(&config.relabel_configs).unwrap();
        populate(&config, &rules, &Labels::empty(), &Labels::from_pairs(pairs.iter().copied()))
    }

    fn active(yaml: &str, pairs: &[(&str, &str)]) -> Target {
        match populate_one(yaml, pairs).unwrap() {
            Populated::Active(target) => *target,
            Populated::Dropped(labels) => panic!("dropped {labels:?}"),
        }
    }

    #[test]
    fn a_plain_target() {
        let target = active("job_name: a", &[("__address__", "host:80"), ("__meta_x", "y")]);
        assert_eq!(target.url.as_str(), "http://host/metrics");
        assert_eq!(target.labels.to_string(), r#"{instance="host:80", job="a"}"#);
        assert_eq!(target.discovered.get("__meta_x"), Some("y"));
        assert_eq!(target.interval, PromDuration::from_secs(60));
    }

    #[test]
    fn the_blackbox_pattern() {
        let yaml = "{job_name: blackbox, metrics_path: /probe, params: {module: [http_2xx]}, \
            relabel_configs: [{source_labels: [__address__], target_label: __param_target}, \
            {source_labels: [__param_target], target_label: instance}, \
            {target_label: __address__, replacement: 'exporter:9115'}]}";
        let target = active(yaml, &[("__address__", "https://example.org/health")]);
        assert_eq!(
            target.url.as_str(),
            "http://exporter:9115/probe?module=http_2xx&target=https%3A%2F%2Fexample.org%2Fhealth"
        );
        assert_eq!(target.labels.get("instance"), Some("https://example.org/health"));
    }

    #[test]
    fn labels_may_change_the_interval_and_faults_are_named() {
        let timed = [("__address__", "a"), (INTERVAL, "5s"), (TIMEOUT, "1s")];
        assert_eq!(active("job_name: a", &timed).interval, PromDuration::from_secs(5));
        let wrong = [("__address__", "a"), (INTERVAL, "5s"), (TIMEOUT, "6s")];
        assert!(matches!(
            populate_one("job_name: a", &wrong),
            Err(TargetError::Timing { label: TIMEOUT, .. })
        ));
        assert_eq!(populate_one("job_name: a", &[]).unwrap_err(), TargetError::NoAddress);
        assert!(matches!(
            populate_one("job_name: a", &[("__address__", "a/b")]),
            Err(TargetError::Hostname(_))
        ));
    }
}
