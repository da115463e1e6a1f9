//! What templates see of a notification.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Labels, Timestamp};
use serde::Serialize;

use crate::alerts::Alert;
use crate::template::Value;
use crate::template::value::{GoTime, TypeInfo, ZERO_NS};

/// A group of alerts on its way to one integration.
#[derive(Clone, Debug)]
pub struct Notification {
    /// The receiver's name.
    pub receiver: String,
    /// The group's key, the same for all notifications of the group.
    pub group_key: String,
    /// The labels that the group was made by.
    pub group_labels: Labels,
    /// The alerts, those that have ended among them.
    pub alerts: Vec<Alert>,
    /// The time.
    pub now: Timestamp,
    /// Where users reach this server.
    pub external_url: String,
}

/// What templates and webhooks get, with the names that they have there.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The receiver's name.
    pub receiver: String,
    /// `firing` where one alert is, `resolved` otherwise.
    pub status: &'static str,
    /// The alerts.
    pub alerts: Vec<AlertData>,
    /// The labels that the group was made by.
    pub group_labels: BTreeMap<String, String>,
    /// The labels that all alerts share.
    pub common_labels: BTreeMap<String, String>,
    /// The texts that all alerts share.
    pub common_annotations: BTreeMap<String, String>,
    /// Where users reach this server.
    #[serde(rename = "externalURL")]
    pub external_url: String,
}

/// An alert there.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertData {
    /// `firing` or `resolved`.
    pub status: &'static str,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its texts.
    pub annotations: BTreeMap<String, String>,
    /// When it began, as RFC 3339.
    pub starts_at: String,
    /// When it ended; Go's zero time where it has not.
    pub ends_at: String,
    /// A link to what made it.
    #[serde(rename = "generatorURL")]
    pub generator_url: String,
    /// Its hash.
    pub fingerprint: String,
    #[serde(skip)]
    starts_at_ns: i128,
    #[serde(skip)]
    ends_at_ns: i128,
}

impl Notification {
    /// Whether an alert of the group fires.
    pub fn is_firing(&self) -> bool {
        self.alerts.iter().any(|alert| !alert.is_resolved(self.now))
    }

    /// What templates and webhooks get.
    pub fn data(&self) -> Data {
        let alerts: Vec<AlertData> =
            self.alerts.iter().map(|alert| alert_data(alert, self.now)).collect();
        Data {
            receiver: self.receiver.clone(),
            status: if self.is_firing() { "firing" } else { "resolved" },
            group_labels: owned(self.group_labels.iter()),
            common_labels: common(alerts.iter().map(|alert| &alert.labels)),
            common_annotations: common(alerts.iter().map(|alert| &alert.annotations)),
            external_url: self.external_url.clone(),
            alerts,
        }
    }
}

fn owned<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The pairs that all have.
fn common<'a>(
    mut maps: impl Iterator<Item = &'a BTreeMap<String, String>>,
) -> BTreeMap<String, String> {
    let mut common = maps.next().cloned().unwrap_or_default();
    for map in maps {
        common.retain(|name, value| map.get(name) == Some(value));
    }
    common
}

fn alert_data(alert: &Alert, now: Timestamp) -> AlertData {
    let is_resolved = alert.is_resolved(now);
    let nanos = |at: Timestamp| i128::from(at.as_millis()) * 1_000_000;
    let ends_at_ns = if is_resolved { nanos(alert.ends_at) } else { ZERO_NS };
    AlertData {
        status: if is_resolved { "resolved" } else { "firing" },
        labels: owned(alert.labels.iter()),
        annotations: alert.annotations.clone(),
        starts_at: rfc3339(nanos(alert.starts_at)),
        ends_at: rfc3339(ends_at_ns),
        generator_url: alert.generator_url.clone(),
        fingerprint: alert.fingerprint().to_string(),
        starts_at_ns: nanos(alert.starts_at),
        ends_at_ns,
    }
}

fn rfc3339(ns: i128) -> String {
    let time = GoTime::from_nanos(ns).or_else(|| GoTime::from_nanos(ZERO_NS));
    time.map(|time| time.format("2006-01-02T15:04:05.999999999Z07:00")).unwrap_or_default()
}

static DATA: TypeInfo = TypeInfo { name: "template.Data", methods: &[], is_json_camel: true };
static ALERT: TypeInfo = TypeInfo { name: "template.Alert", methods: &[], is_json_camel: true };
static ALERTS: TypeInfo = TypeInfo {
    name: "template.Alerts",
    methods: &[
        ("Firing", |alerts, _| Ok(with_status(alerts, "firing"))),
        ("Resolved", |alerts, _| Ok(with_status(alerts, "resolved"))),
    ],
    is_json_camel: false,
};
static KV: TypeInfo = TypeInfo {
    name: "template.KV",
    methods: &[
        ("SortedPairs", |kv, _| Ok(sorted_pairs(kv))),
        ("Remove", remove),
        ("Names", |kv, _| Ok(column(&sorted_pairs(kv), 0))),
        ("Values", |kv, _| Ok(column(&sorted_pairs(kv), 1))),
        ("String", |kv, _| Ok(joined(&sorted_pairs(kv)).into())),
    ],
    is_json_camel: false,
};
static PAIRS: TypeInfo = TypeInfo {
    name: "template.Pairs",
    methods: &[
        ("Names", |pairs, _| Ok(column(pairs, 0))),
        ("Values", |pairs, _| Ok(column(pairs, 1))),
        ("String", |pairs, _| Ok(joined(pairs).into())),
    ],
    is_json_camel: false,
};
static PAIR: TypeInfo = TypeInfo { name: "template.Pair", methods: &[], is_json_camel: false };

impl Data {
    /// The value that templates start from.
    pub(super) fn value(&self) -> Value {
        let alerts = self.alerts.iter().map(AlertData::value).collect();
        Value::object(
            &DATA,
            vec![
                ("Receiver", self.receiver.as_str().into()),
                ("Status", self.status.into()),
                ("Alerts", Value::typed_list(&ALERTS, alerts)),
                ("GroupLabels", kv(&self.group_labels)),
                ("CommonLabels", kv(&self.common_labels)),
                ("CommonAnnotations", kv(&self.common_annotations)),
                ("ExternalURL", self.external_url.as_str().into()),
            ],
        )
    }
}

impl AlertData {
    fn value(&self) -> Value {
        let time = |ns| GoTime::from_nanos(ns).map_or(Value::Nil, |t| Value::Time(Arc::new(t)));
        Value::object(
            &ALERT,
            vec![
                ("Status", self.status.into()),
                ("Labels", kv(&self.labels)),
                ("Annotations", kv(&self.annotations)),
                ("StartsAt", time(self.starts_at_ns)),
                ("EndsAt", time(self.ends_at_ns)),
                ("GeneratorURL", self.generator_url.as_str().into()),
                ("Fingerprint", self.fingerprint.as_str().into()),
            ],
        )
    }
}

fn kv(map: &BTreeMap<String, String>) -> Value {
    Value::string_map(&KV, map.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn with_status(alerts: &Value, wanted: &str) -> Value {
    let Value::List(list) = alerts else { return Value::Nil };
    let is_wanted = |alert: &&Value| match alert {
        Value::Struct(alert) => alert.fields[0].1.as_str() == Some(wanted),
        _ => false,
    };
    Value::typed_list(&ALERTS, list.items.iter().filter(is_wanted).cloned().collect())
}

/// The pairs by name, but the alert's name first.
fn sorted_pairs(kv: &Value) -> Value {
    let Value::Map(map) = kv else { return Value::Nil };
    let is_name = |name: &Arc<str>| &**name == "alertname";
    let entries = map.entries.iter();
    let first = entries.clone().filter(|(name, _)| is_name(name));
    let rest = entries.filter(|(name, _)| !is_name(name));
    let pair = |(name, value): (&Arc<str>, &Value)| {
        Value::object(&PAIR, vec![("Name", Value::String(name.clone())), ("Value", value.clone())])
    };
    Value::typed_list(&PAIRS, first.chain(rest).map(pair).collect())
}

/// The map without the names of a list.
fn remove(kv: &Value, args: &[Value]) -> Result<Value, String> {
    let (Value::Map(map), Some(Value::List(names))) = (kv, args.first()) else {
        return Err("Remove wants a list of names".to_owned());
    };
    let is_kept = |name: &Arc<str>| !names.items.iter().any(|n| n.as_str() == Some(name));
    let kept = map.entries.iter().filter(|(name, _)| is_kept(name));
    Ok(Value::string_map(
        &KV,
        kept.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default())),
    ))
}

fn pairs(list: &Value) -> impl Iterator<Item = [&str; 2]> {
    let items = match list {
        Value::List(list) => list.items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(|pair| match pair {
        Value::Struct(pair) => {
            Some([0, 1].map(|index| pair.fields[index].1.as_str().unwrap_or_default()))
        }
        _ => None,
    })
}

fn column(list: &Value, index: usize) -> Value {
    Value::strings(pairs(list).map(|pair| pair[index]))
}

fn joined(list: &Value) -> String {
    let shown: Vec<String> = pairs(list).map(|[name, value]| format!("{name}={value}")).collect();
    shown.join(", ")
}
