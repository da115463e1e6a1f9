//! Series written down, in promtool's notation:
//! `up{job="a"} 1+1x3 _x2 stale 5 {{schema:1 count:3 buckets:[1 2]}}x2`.
//!
//! Values are separated by blanks. `axn` stands for `a` and `n` repetitions,
//! `a+bxn` and `a-bxn` for steps of `b`, `_` for no sample and `_xn` for `n` of
//! those, `stale` for a staleness marker, `{{…}}` for a native histogram
//! (<https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series>).

mod histogram;

use std::sync::Arc;

use model::sample::STALE_NAN;
use model::{Histogram, Labels, LabelsBuilder, MatchOp, Millis, SampleBatch, Timestamp};

use crate::promql::parse_selector;

/// The most values that one line may stand for.
pub const VALUES_MAX: usize = 1_000_000;

/// A series with its values, one for each interval.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesDescription {
    /// Its labels.
    pub labels: Labels,
    /// Its values in order.
    pub values: Vec<SequenceValue>,
}

/// One value of a series.
#[derive(Clone, Debug, PartialEq)]
pub enum SequenceValue {
    /// No sample.
    Omitted,
    /// A number or staleness marker.
    Float(f64),
    /// A native histogram.
    Histogram {
        /// The histogram.
        histogram: Arc<Histogram>,
        /// Whether its counter reset hint was written down.
        names_hint: bool,
    },
}

/// What is wrong with a written series.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at {rest:?}")]
pub struct NotationError {
    /// What is wrong.
    pub reason: String,
    /// The text from where it is wrong, or its beginning.
    pub rest: String,
}

impl NotationError {
    fn new(reason: impl Into<String>, rest: &str) -> Self {
        Self { reason: reason.into(), rest: rest.chars().take(40).collect() }
    }
}

impl SeriesDescription {
    /// Reads labels and values.
    ///
    /// # Errors
    /// Where the text is in no such notation, or stands for more than [`VALUES_MAX`] values.
    pub fn parse(text: &str) -> Result<Self, NotationError> {
        let text = text.trim();
        let (metric, values) = text.split_at(metric_len(text));
        Ok(Self { labels: parse_metric(metric)?, values: parse_values(values)? })
    }

    /// Adds the series to a batch, its values from `start` on, `interval` apart.
    pub fn push_into(&self, batch: &mut SampleBatch, start: Timestamp, interval: Millis) {
        batch.begin_series(&self.labels);
        let mut at = start;
        for value in &self.values {
            match value {
                SequenceValue::Omitted => {}
                SequenceValue::Float(value) => batch.push(at, *value),
                SequenceValue::Histogram { histogram, .. } => {
                    batch.push_histogram(at, Arc::clone(histogram));
                }
            }
            at = at + interval;
        }
    }
}

/// Reads a label set: `up{job="a"}`, `{job="a"}`, `{"a.b", "c.d"="e"}`, or nothing.
///
/// # Errors
/// Where it is none.
pub fn parse_metric(text: &str) -> Result<Labels, NotationError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Labels::empty());
    }
    let matchers =
        parse_selector(text).map_err(|error| NotationError::new(error.to_string(), text))?;
    let mut labels = LabelsBuilder::default();
    for matcher in &matchers {
        if matcher.op() != MatchOp::Equal {
            return Err(NotationError::new("a label set has `=` only", text));
        }
        labels.set(matcher.name(), matcher.value());
    }
    Ok(labels.build())
}

/// Reads a sequence of values.
///
/// # Errors
/// See [`SeriesDescription::parse`].
pub fn parse_values(text: &str) -> Result<Vec<SequenceValue>, NotationError> {
    let mut values = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        rest = parse_item(rest, &mut values)?;
        if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
            return Err(NotationError::new("a blank is missing between two values", rest));
        }
        rest = rest.trim_start();
    }
    Ok(values)
}

/// How far the label set at the start of `text` reaches, in bytes.
pub fn metric_len(text: &str) -> usize {
    let name = text.find(|c: char| c == '{' || c.is_whitespace()).unwrap_or(text.len());
    let name_end = text[name..].trim_start();
    if !name_end.starts_with('{') || name_end.starts_with("{{") {
        return name;
    }
    let open = text.len() - name_end.len();
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in text[open..].char_indices() {
        match (quote, c) {
            _ if is_escaped => is_escaped = false,
            (Some('"' | '\''), '\\') => is_escaped = true,
            (Some(open_quote), c) if c == open_quote => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '}') => return open + at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Reads one item; gives what follows.
fn parse_item<'t>(
    text: &'t str,
    values: &mut Vec<SequenceValue>,
) -> Result<&'t str, NotationError> {
    if let Some(rest) = text.strip_prefix('_') {
        let (times, rest) = parse_times(rest)?;
        return repeat(values, times.unwrap_or(1), text, rest, |_| Ok(SequenceValue::Omitted));
    }
    if let Some(rest) = text.strip_prefix("stale") {
        let (times, rest) = parse_times(rest)?;
        let stale = SequenceValue::Float(STALE_NAN);
        return repeat(values, times.map_or(1, |n| n + 1), text, rest, |_| Ok(stale.clone()));
    }
    if text.starts_with("{{") {
        return parse_histogram_item(text, values);
    }
    let (mut value, rest) = parse_number(text)?;
    let (step, rest) = match rest.starts_with(['+', '-']) {
        true => parse_number(rest).map(|(step, rest)| (Some(step), rest))?,
        false => (None, rest),
    };
    let (times, rest) = parse_times(rest)?;
    if step.is_some() && times.is_none() {
        return Err(NotationError::new("a step needs a number of repetitions: 1+2x3", text));
    }
    repeat(values, times.map_or(1, |n| n + 1), text, rest, |is_first| {
        if !is_first {
            value += step.unwrap_or(0.0);
        }
        Ok(SequenceValue::Float(value))
    })
}

fn parse_histogram_item<'t>(
    text: &'t str,
    values: &mut Vec<SequenceValue>,
) -> Result<&'t str, NotationError> {
    let (first, rest) = histogram::parse(text)?;
    let operator = rest.chars().next().filter(|c| matches!(c, '+' | '-'));
    let (step, rest) = match operator {
        Some(_) => histogram::parse(&rest[1..]).map(|(step, rest)| (Some(step), rest))?,
        None => (None, rest),
    };
    let (times, rest) = parse_times(rest)?;
    if step.is_some() && times.is_none() {
        return Err(NotationError::new("a step needs a number of repetitions", text));
    }
    let sign = if operator == Some('-') { -1.0 } else { 1.0 };
    let names_hint = step.as_ref().unwrap_or(&first).names_hint;
    let mut current = Arc::new(first.histogram);
    repeat(values, times.map_or(1, |n| n + 1), text, rest, |is_first| {
        if let Some(step) = step.as_ref().filter(|_| !is_first) {
            let next = histogram::add(&current, &step.histogram, sign)
                .map_err(|reason| NotationError::new(reason, text))?;
            current = Arc::new(next);
        }
        Ok(SequenceValue::Histogram { histogram: Arc::clone(&current), names_hint })
    })
}

/// Adds `count` values; `make` is told whether it makes the first.
fn repeat<'t>(
    values: &mut Vec<SequenceValue>,
    count: usize,
    text: &str,
    rest: &'t str,
    mut make: impl FnMut(bool) -> Result<SequenceValue, NotationError>,
) -> Result<&'t str, NotationError> {
    if count > VALUES_MAX - values.len() {
        return Err(NotationError::new(format!("more than {VALUES_MAX} values"), text));
    }
    for index in 0..count {
        values.push(make(index == 0)?);
    }
    Ok(rest)
}

/// `x5`, where it stands.
fn parse_times(text: &str) -> Result<(Option<usize>, &str), NotationError> {
    let Some(rest) = text.strip_prefix('x') else { return Ok((None, text)) };
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let times = rest[..digits]
        .parse()
        .map_err(|_| NotationError::new("invalid repetition in series values", text))?;
    // One more is counted for the first value.
    if times == usize::MAX {
        return Err(NotationError::new("invalid repetition in series values", text));
    }
    Ok((Some(times), &rest[digits..]))
}

/// A number with or without a sign; `Inf` and `NaN` in any case.
fn parse_number(text: &str) -> Result<(f64, &str), NotationError> {
    let not_a_number =
        || NotationError::new("expected a number, \"stale\", \"_\" or a histogram", text);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    for (name, value) in [("inf", f64::INFINITY), ("nan", f64::NAN)] {
        if unsigned.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Ok((sign * value, &unsigned[3..]));
        }
    }
    let digits = |from: usize| {
        let rest = &unsigned[from..];
        from + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
    };
    let mut end = digits(0);
    if unsigned[end..].starts_with('.') {
        end = digits(end + 1);
    }
    let exponent = unsigned[end..].strip_prefix(['e', 'E']);
    if let Some(exponent) = exponent {
        let signed = usize::from(exponent.starts_with(['+', '-']));
        end = digits(end + 1 + signed);
    }
    let value: f64 = unsigned[..end].parse().map_err(|_| not_a_number())?;
    Ok((sign * value, &unsigned[end..]))
}

#[cfg(test)]
mod tests;
