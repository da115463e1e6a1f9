//! Alerts as they are posted between servers: the body of `POST /api/v2/alerts`.
//!
//! Read where a Prometheus sends its alerts to us, written where our rules send
//! theirs to an Alertmanager elsewhere.

use std::collections::BTreeMap;

use jiff::Timestamp as Instant;
use model::{Labels, Timestamp};
use serde::{Deserialize, Serialize};

use super::PostedAlert;
use crate::template::value::{GoTime, ZERO_NS};
use crate::yaml::or_default;

/// The most alerts in one body.
pub const POSTED_MAX: usize = 100_000;

/// A body that holds no alerts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It is no JSON of that form.
    #[error("parsing alerts body from \"\" failed, because {0}")]
    Malformed(String),
    /// An alert has no labels at all.
    #[error("{index}.labels in body is required")]
    NoLabels {
        /// Its place in the body.
        index: usize,
    },
    /// It holds too many.
    #[error("{count} alerts are more than {POSTED_MAX}; send them in parts")]
    TooMany {
        /// How many.
        count: usize,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    labels: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "or_default")]
    annotations: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends_at: Option<String>,
    #[serde(default, rename = "generatorURL", deserialize_with = "or_default")]
    generator_url: String,
}

/// Reads a body.
///
/// # Errors
/// Where it is no list of alerts, or too long.
pub fn decode(body: &[u8]) -> Result<Vec<PostedAlert>, WireError> {
    let alerts: Vec<Wire> =
        serde_json::from_slice(body).map_err(|error| WireError::Malformed(error.to_string()))?;
    if alerts.len() > POSTED_MAX {
        return Err(WireError::TooMany { count: alerts.len() });
    }
    let read = |(index, alert): (usize, Wire)| {
        let labels = alert.labels.ok_or(WireError::NoLabels { index })?;
        Ok(PostedAlert {
            labels: Labels::from_pairs(labels),
            annotations: alert.annotations,
            starts_at: time(alert.starts_at.as_deref())?,
            ends_at: time(alert.ends_at.as_deref())?,
            generator_url: alert.generator_url,
        })
    };
    alerts.into_iter().enumerate().map(read).collect()
}

/// Writes a body.
pub fn encode(alerts: &[PostedAlert]) -> String {
    let wire = |alert: &PostedAlert| Wire {
        labels: Some(alert.labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect()),
        annotations: alert.annotations.clone(),
        starts_at: alert.starts_at.and_then(shown),
        ends_at: alert.ends_at.and_then(shown),
        generator_url: alert.generator_url.clone(),
    };
    let alerts: Vec<Wire> = alerts.iter().map(wire).collect();
    serde_json::to_string(&alerts).unwrap_or_default()
}

/// A time; empty and Go's zero time are none.
fn time(text: Option<&str>) -> Result<Option<Timestamp>, WireError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let instant: Instant =
        text.parse().map_err(|error| WireError::Malformed(format!("{text:?}: {error}")))?;
    let is_zero = instant.as_nanosecond() == ZERO_NS;
    Ok((!is_zero).then(|| Timestamp::from_millis(instant.as_millisecond())))
}

fn shown(at: Timestamp) -> Option<String> {
    let time = GoTime::from_nanos(i128::from(at.as_millis()) * 1_000_000)?;
    Some(time.format("2006-01-02T15:04:05.000Z07:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let alert = PostedAlert {
            labels: Labels::from_pairs([("alertname", "A"), ("é", "\"x\"")]),
            annotations: BTreeMap::from([("summary".to_owned(), "<b>".to_owned())]),
            starts_at: Some(Timestamp::from_millis(1_700_000_000_123)),
            ends_at: None,
            generator_url: "http://x/graph".to_owned(),
        };
        let body = encode(std::slice::from_ref(&alert));
        assert!(body.contains("\"startsAt\":\"2023-11-14T22:13:20.123Z\""), "{body}");
        assert!(!body.contains("endsAt"));
        assert_eq!(decode(body.as_bytes()), Ok(vec![alert]));
    }

    #[test]
    fn what_peers_write_is_read() {
        let body = r#"[{"labels":{"a":"b","empty":""},"startsAt":"2023-11-14T23:13:20.5+01:00",
            "endsAt":"0001-01-01T00:00:00Z","receivers":[{"name":"x"}]}]"#;
        let alert = decode(body.as_bytes()).unwrap().remove(0);
        assert_eq!(alert.labels, Labels::from_pairs([("a", "b")]));
        assert_eq!(alert.starts_at, Some(Timestamp::from_millis(1_700_000_000_500)));
        assert_eq!(alert.ends_at, None);
    }

    #[test]
    fn what_is_no_list_of_alerts_is_refused() {
        for body in ["", "{}", "[{\"labels\":{\"a\":1}}]", "[{\"labels\":{},\"startsAt\":\"now\"}]"]
        {
            assert!(matches!(decode(body.as_bytes()), Err(WireError::Malformed(_))), "{body}");
        }
        assert_eq!(decode(b"[{\"labels\":{}},{}]"), Err(WireError::NoLabels { index: 1 }));
        let many = format!("[{}]", vec!["{\"labels\":{}}"; POSTED_MAX + 1].join(","));
        assert_eq!(decode(many.as_bytes()), Err(WireError::TooMany { count: POSTED_MAX + 1 }));
    }
}
