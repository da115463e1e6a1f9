//! Labels: of the resource, of the scope, of a point.

use std::borrow::Cow;
use std::fmt::Write;

use model::{Labels, LabelsBuilder, METRIC_NAME};

use super::config::OtlpConfig;
use super::message::{AnyValue, Exemplar, KeyValue, Resource, ScopeMetrics};
use super::names::label_name;
use super::point_labels::PointLabels;

const SERVICE_NAME: &str = "service.name";
const SERVICE_NAMESPACE: &str = "service.namespace";
const SERVICE_INSTANCE: &str = "service.instance.id";
const IDENTIFYING: [&str; 3] = [SERVICE_NAME, SERVICE_NAMESPACE, SERVICE_INSTANCE];

/// Labels that all points of a resource and a scope share.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedLabels {
    /// Labels that give way to a point's own.
    weak: Vec<(String, String)>,
    /// `job` and `instance`, which win.
    strong: Vec<(&'static str, String)>,
}

impl SharedLabels {
    /// The labels that a resource gives to its points.
    pub(super) fn of_resource(resource: &Resource<'_>, config: &OtlpConfig) -> Self {
        let promoted = sorted(&resource.attributes)
            .into_iter()
            .filter(|pair| config.promotes(&pair.key))
            .filter_map(|pair| {
                let value = text(&pair.value).into_owned();
                Some((label_name(&pair.key, config)?.into_owned(), value))
            });
        Self { weak: promoted.collect(), strong: identity(resource) }
    }

    /// Adds those of a scope.
    pub(super) fn with_scope(&self, metrics: &ScopeMetrics<'_>, config: &OtlpConfig) -> Self {
        let mut labels = self.clone();
        if !config.promote_scope_metadata {
            return labels;
        }
        let scope = &metrics.scope;
        for pair in sorted(&scope.attributes) {
            if let Some(name) = label_name(&format!("otel_scope_{}", pair.key), config) {
                labels.weak.push((name.into_owned(), text(&pair.value).into_owned()));
            }
        }
        for (name, value) in [
            ("name", &scope.name),
            ("version", &scope.version),
            ("schema_url", &metrics.schema_url),
        ] {
            labels.weak.push((format!("otel_scope_{name}"), value.clone().into_owned()));
        }
        labels
    }

    /// The labels of a point of metric `metric`.
    pub(super) fn of_point<'a>(
        &'a self,
        metric: &'a str,
        attributes: &'a [KeyValue<'_>],
        config: &OtlpConfig,
    ) -> PointLabels<'a> {
        // Two more for what parts of a point add.
        let count = attributes.len() + self.weak.len() + self.strong.len() + 2;
        let mut labels = PointLabels::with_capacity(count);
        labels.set(METRIC_NAME, metric);
        add_attributes(attributes, config, &mut labels);
        for (name, value) in &self.weak {
            if labels.get(name).is_none() {
                labels.set(name.as_str(), value.as_str());
            }
        }
        for (name, value) in &self.strong {
            labels.set(*name, value.as_str());
        }
        labels.set(METRIC_NAME, metric);
        labels
    }
}

/// Sets the labels of attributes. Keys that become the same name share a label,
/// values in the order of their keys with `;` between.
fn add_attributes<'a>(
    attributes: &'a [KeyValue<'_>],
    config: &OtlpConfig,
    labels: &mut PointLabels<'a>,
) {
    if attributes.is_sorted_by(|a, b| a.key <= b.key) {
        attributes.iter().for_each(|pair| add_attribute(pair, config, labels));
    } else {
        sorted(attributes).into_iter().for_each(|pair| add_attribute(pair, config, labels));
    }
}

fn add_attribute<'a>(pair: &'a KeyValue<'_>, config: &OtlpConfig, labels: &mut PointLabels<'a>) {
    let Some(name) = label_name(&pair.key, config) else { return };
    let value = text(&pair.value);
    // The metric's own name is set before its attributes, and wins.
    match labels.get(&name).filter(|_| name != METRIC_NAME) {
        Some(before) => {
            let joined = format!("{before};{value}");
            labels.set(name, joined);
        }
        None => labels.set(name, value),
    }
}

/// `job` and `instance`, as far as the resource has what they are made of.
fn identity(resource: &Resource<'_>) -> Vec<(&'static str, String)> {
    let value = |key: &str| {
        let pair = resource.attributes.iter().find(|pair| pair.key == key)?;
        Some(text(&pair.value).into_owned()).filter(|value| !value.is_empty())
    };
    let mut labels = Vec::new();
    if let Some(name) = value(SERVICE_NAME) {
        let job = match value(SERVICE_NAMESPACE) {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name,
        };
        labels.push(("job", job));
    }
    if let Some(instance) = value(SERVICE_INSTANCE) {
        labels.push(("instance", instance));
    }
    labels
}

/// The labels of `target_info`; `None` where the resource can't be told from
/// others or says nothing else about itself.
pub(super) fn target_info(resource: &Resource<'_>, config: &OtlpConfig) -> Option<Labels> {
    let identity = identity(resource);
    let is_identifying = |pair: &&KeyValue<'_>| IDENTIFYING.contains(&&*pair.key);
    let has_more = resource.attributes.iter().any(|pair| !is_identifying(&pair));
    if identity.is_empty() || !(has_more || config.keep_identifying_resource_attributes) {
        return None;
    }
    let mut labels = PointLabels::default();
    for pair in sorted(&resource.attributes) {
        if config.keep_identifying_resource_attributes || !is_identifying(&pair) {
            add_attribute(pair, config, &mut labels);
        }
    }
    for (name, value) in &identity {
        labels.set(*name, value.as_str());
    }
    labels.set(METRIC_NAME, "target_info");
    Some(labels.to_labels())
}

/// The labels of an exemplar: where its event is found, and what else was seen
/// unless that makes them longer than exemplars may be.
pub(super) fn exemplar_labels(exemplar: &Exemplar<'_>) -> Labels {
    let mut builder = LabelsBuilder::default();
    for (name, id) in [("trace_id", &exemplar.trace_id), ("span_id", &exemplar.span_id)] {
        if id.iter().any(|byte| *byte != 0) {
            builder.set(name, &hex(id));
        }
    }
    let attributes = exemplar.filtered_attributes.iter();
    let attributes: Vec<_> = attributes.map(|pair| (&*pair.key, text(&pair.value))).collect();
    let chars = |text: &str| text.chars().count();
    let own: usize = builder.iter().map(|(name, value)| chars(name) + chars(value)).sum();
    let more: usize = attributes.iter().map(|(name, value)| chars(name) + chars(value)).sum();
    if own + more <= model::exemplar::EXEMPLAR_LABELS_CHARS_MAX {
        for (name, value) in attributes {
            builder.set(name, &value);
        }
    }
    builder.build()
}

fn sorted<'a, 'b>(attributes: &'b [KeyValue<'a>]) -> Vec<&'b KeyValue<'a>> {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    sorted
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// An attribute's value as text: lists and maps as JSON, bytes as Base64.
fn text<'a>(value: &'a AnyValue<'_>) -> Cow<'a, str> {
    match value {
        AnyValue::Empty => Cow::Borrowed(""),
        AnyValue::String(text) => Cow::Borrowed(text),
        AnyValue::Bool(true) => Cow::Borrowed("true"),
        AnyValue::Bool(false) => Cow::Borrowed("false"),
        AnyValue::Int(number) => Cow::Owned(number.to_string()),
        AnyValue::Double(number) => Cow::Owned(double(*number)),
        AnyValue::Bytes(bytes) => Cow::Owned(base64(bytes)),
        AnyValue::Array(_) | AnyValue::List(_) => Cow::Owned(json(value).to_string()),
    }
}

fn json(value: &AnyValue<'_>) -> serde_json::Value {
    match value {
        AnyValue::Empty => serde_json::Value::Null,
        AnyValue::Bool(is) => (*is).into(),
        AnyValue::Int(number) => (*number).into(),
        AnyValue::Double(number) => (*number).into(),
        AnyValue::Array(values) => values.iter().map(json).collect(),
        AnyValue::List(pairs) => {
            pairs.iter().map(|pair| (pair.key.clone().into_owned(), json(&pair.value))).collect()
        }
        AnyValue::String(_) | AnyValue::Bytes(_) => text(value).into_owned().into(),
    }
}

/// As JSON writes numbers: whole ones without a point, very large and very small ones with an exponent.
fn double(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        return if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        }
        .to_owned();
    }
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        return if size >= 1.0 { text.replace('e', "e+") } else { text };
    }
    number.to_string()
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            out.push(if place <= chunk.len() { char::from(ALPHABET[digit as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn pair<'a>(key: &'a str, value: &'a str) -> KeyValue<'a> {
        KeyValue { key: key.into(), value: AnyValue::String(value.into()) }
    }

    fn resource<'a>(pairs: &[(&'a str, &'a str)]) -> Resource<'a> {
        Resource { attributes: pairs.iter().map(|(key, value)| pair(key, value)).collect() }
    }

    fn point(shared: &SharedLabels, attributes: &[KeyValue<'_>], config: &OtlpConfig) -> String {
        shared.of_point("up", attributes, config).to_labels().to_string()
    }

    #[test]
    fn the_service_makes_job_and_instance() {
        let config = OtlpConfig::default();
        let resource = resource(&[
            (SERVICE_NAME, "cart"),
            (SERVICE_NAMESPACE, "shop"),
            (SERVICE_INSTANCE, "i-1"),
            ("host.name", "h"),
        ]);
        let shared = SharedLabels::of_resource(&resource, &config);
        assert_eq!(
            point(&shared, &[pair("b.c", "1"), pair("job", "x"), pair("b_c", "2")], &config),
            r#"up{b_c="1;2", instance="i-1", job="shop/cart"}"#.replace(", ", ",").replace(',', ", ")
        );
        assert_eq!(
            target_info(&resource, &config).unwrap().to_string(),
            r#"target_info{host_name="h", instance="i-1", job="shop/cart"}"#
        );
        let keeping = OtlpConfig { keep_identifying_resource_attributes: true, ..config };
        assert!(target_info(&resource, &keeping).unwrap().get("service_name").is_some());
    }

    #[test]
    fn a_resource_without_identity_or_news_has_no_info() {
        let config = OtlpConfig::default();
        assert_eq!(target_info(&resource(&[("host.name", "h")]), &config), None);
        assert_eq!(target_info(&resource(&[(SERVICE_NAME, "cart")]), &config), None);
    }

    #[test]
    fn promoted_attributes_give_way_to_those_of_the_point() {
        let config = OtlpConfig {
            promote_resource_attributes: vec!["host.name".to_owned(), "zone".to_owned()],
            promote_scope_metadata: true,
            ..Default::default()
        };
        let shared =
            SharedLabels::of_resource(&resource(&[("host.name", "h"), ("zone", "z")]), &config);
        let mut scope = ScopeMetrics::default();
        scope.scope.name = Cow::Borrowed("lib");
        scope.scope.attributes = vec![pair("k", "v")];
        let shared = shared.with_scope(&scope, &config);
        assert_eq!(
            point(&shared, &[pair("zone", "own")], &config),
            r#"up{host_name="h", otel_scope_k="v", otel_scope_name="lib", zone="own"}"#
        );
    }

    #[test]
    fn values_become_text() {
        let list = AnyValue::List(vec![
            pair("b", "x"),
            KeyValue {
                key: "a".into(),
                value: AnyValue::Array(vec![AnyValue::Int(1), AnyValue::Empty]),
            },
        ]);
        for (value, want) in [
            (AnyValue::Bool(true), "true"),
            (AnyValue::Int(-3), "-3"),
            (AnyValue::Double(1.0), "1"),
            (AnyValue::Double(1e21), "1e+21"),
            (AnyValue::Double(1.5e-7), "1.5e-7"),
            (AnyValue::Bytes(b"hello"[..].into()), "aGVsbG8="),
            (AnyValue::Bytes(b"hi"[..].into()), "aGk="),
            (list, r#"{"a":[1,null],"b":"x"}"#),
        ] {
            assert_eq!(text(&value), want);
        }
    }

    #[test]
    fn long_attributes_are_no_exemplar_labels() {
        let long = "x".repeat(120);
        let mut exemplar = Exemplar {
            trace_id: Cow::Borrowed(&[0xab; 16]),
            filtered_attributes: vec![pair("k", "v")],
            ..Default::default()
        };
        let trace = "ab".repeat(16);
        assert_eq!(
            exemplar_labels(&exemplar).to_string(),
            format!(r#"{{k="v", trace_id="{trace}"}}"#)
        );
        exemplar.filtered_attributes.push(pair("l", &long));
        assert_eq!(exemplar_labels(&exemplar).to_string(), format!(r#"{{trace_id="{trace}"}}"#));
    }
}
