//! Decoding OpenMetrics 1.0 (the specification's ABNF, section "Text format").
//!
//! Stricter than the classic format: every line ends with a line break, the
//! last one says `# EOF`, timestamps count in seconds, and a sample may carry an
//! exemplar.

use model::{MetricKind, Timestamp};

use super::super::lexer::{Cursor, clip, closing_brace, parse_value, take_series_key, unescape};
use super::super::text::take_family;
use super::super::{Entry, ExemplarEntry, ParseError, SeriesEntry};

/// Walks a body line by line.
#[derive(Debug)]
pub struct Decoder<'a> {
    cursor: Cursor<'a>,
    has_ended: bool,
}

impl<'a> Decoder<'a> {
    /// A decoder at the start of `body`.
    pub fn new(body: &'a str) -> Self {
        Self { cursor: Cursor::new(body), has_ended: false }
    }

    fn step(&mut self) -> Result<Option<Entry<'a>>, String> {
        let Some((line, has_break)) = self.cursor.next_line() else {
            return Err("data does not end with # EOF".to_owned());
        };
        if line == "# EOF" {
            self.has_ended = true;
            return if self.cursor.is_at_end() {
                Ok(None)
            } else {
                Err("unexpected data after # EOF".to_owned())
            };
        }
        if !has_break {
            return Err("data does not end with # EOF".to_owned());
        }
        match line.strip_prefix("# ") {
            Some(descriptor) => self::descriptor(descriptor).map(Some),
            None => sample(line).map(Some),
        }
    }
}

impl<'a> Iterator for Decoder<'a> {
    type Item = Result<Entry<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.has_ended = true;
        }
        step.map_err(|reason| self.cursor.fail(reason)).transpose()
    }
}

fn descriptor(text: &str) -> Result<Entry<'_>, String> {
    let (keyword, rest) = text
        .split_once(' ')
        .ok_or_else(|| format!("{:?} is no HELP, TYPE, UNIT or EOF", clip(text)))?;
    let (family, rest) = take_family(rest)?;
    match keyword {
        "HELP" => Ok(Entry::Help { family, help: unescape(rest) }),
        "UNIT" => {
            if !rest.is_empty() && !family.ends_with(&format!("_{rest}")) {
                return Err(format!("unit {:?} is not a suffix of metric {family:?}", clip(rest)));
            }
            Ok(Entry::Unit { family, unit: rest })
        }
        "TYPE" => kind(rest).map(|kind| Entry::Kind { family, kind }),
        other => Err(format!("{:?} is no HELP, TYPE, UNIT or EOF", clip(other))),
    }
}

fn kind(text: &str) -> Result<MetricKind, String> {
    Ok(match text {
        "counter" => MetricKind::Counter,
        "gauge" => MetricKind::Gauge,
        "histogram" => MetricKind::Histogram,
        "gaugehistogram" => MetricKind::GaugeHistogram,
        "summary" => MetricKind::Summary,
        "info" => MetricKind::Info,
        "stateset" => MetricKind::StateSet,
        "unknown" => MetricKind::Unknown,
        other => return Err(format!("invalid metric type {:?}", clip(other))),
    })
}

fn sample(line: &str) -> Result<Entry<'_>, String> {
    let (key, rest) = take_series_key(line)?;
    let rest = rest
        .strip_prefix(' ')
        .ok_or_else(|| format!("expected one space and a value after {:?}", clip(key)))?;
    let (numbers, exemplar) = match rest.split_once(" # ") {
        Some((numbers, exemplar)) => (numbers, Some(self::exemplar(exemplar)?)),
        None => (rest, None),
    };
    let (value, timestamp) = value_and_timestamp(numbers)?;
    Ok(Entry::Series(SeriesEntry { key, value, timestamp, created: None, exemplar }))
}

fn exemplar(text: &str) -> Result<ExemplarEntry<'_>, String> {
    let close = text
        .starts_with('{')
        .then(|| closing_brace(text))
        .flatten()
        .ok_or_else(|| format!("expected the labels of an exemplar, got {:?}", clip(text)))?;
    let (labels, rest) = text.split_at(close + 1);
    let rest = rest.strip_prefix(' ').ok_or("expected a value after the exemplar's labels")?;
    let (value, timestamp) = value_and_timestamp(rest)?;
    Ok(ExemplarEntry { labels, value, timestamp })
}

fn value_and_timestamp(text: &str) -> Result<(f64, Option<Timestamp>), String> {
    match text.split_once(' ') {
        None => Ok((parse_value(text)?, None)),
        Some((value, seconds)) => {
            let seconds = parse_value(seconds)?;
            if !seconds.is_finite() {
                return Err("a timestamp is not finite".to_owned());
            }
            // Truncated as Prometheus does, not rounded.
            let millis = (seconds * 1000.0) as i64;
            Ok((parse_value(value)?, Some(Timestamp::from_millis(millis))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(body: &str) -> Result<Vec<Entry<'_>>, ParseError> {
        Decoder::new(body).collect()
    }

    #[test]
    fn lines_of_every_kind() {
        let body = "# HELP a_seconds Help.\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n\
                    a_seconds_bucket{le=\"1.0\"} 3 1.5 # {trace_id=\"x # y\"} 0.5 1520879607.789\n\
                    a_seconds_count 4\n# EOF\n";
        let entries = decode(body).unwrap();
        assert_eq!(entries.len(), 5);
        let Entry::Series(bucket) = &entries[3] else { panic!("{:?}", entries[3]) };
        assert_eq!(bucket.timestamp, Some(Timestamp::from_millis(1500)));
        assert_eq!(
            bucket.exemplar,
            Some(ExemplarEntry {
                labels: "{trace_id=\"x # y\"}",
                value: 0.5,
                timestamp: Some(Timestamp::from_millis(1_520_879_607_789)),
            })
        );
    }

    #[test]
    fn faults_are_named() {
        for (body, reason) in [
            ("a 1\n", "# EOF"),
            ("a 1", "# EOF"),
            ("a 1\n# EOF\nb 1\n", "after # EOF"),
            ("\n# EOF\n", "metric name"),
            ("a  1\n# EOF\n", "not a number"),
            ("# TYPE a thing\n# EOF\n", "invalid metric type"),
            ("# UNIT a seconds\n# EOF\n", "not a suffix"),
            ("# note\n# EOF\n", "no HELP"),
            ("a 1 # x\n# EOF\n", "exemplar"),
            ("a 1 NaN\n# EOF\n", "not finite"),
        ] {
            let error = decode(body).unwrap_err().to_string();
            assert!(error.contains(reason), "{body:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(body in "[a-z{}\"\\\\=, #0-9.\\n\u{e9}]{0,80}(# EOF\\n)?") {
            Decoder::new(&body).for_each(drop);
        }
    }
}
