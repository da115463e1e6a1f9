//! What stands in files of tests and files of rules.

use std::collections::BTreeMap;

use model::{Millis, PromDuration, Timestamp};
use serde::de::{DeserializeOwned, Error, IgnoredAny};
use serde::{Deserialize, Deserializer};

/// The interval where a file names none.
const INTERVAL_DEFAULT: Millis = Millis::from_secs(60);

/// A file that is no file of tests or rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleFileError(String);

/// A file of tests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestFile {
    /// Paths of rule files, relative to this one, with wildcards.
    #[serde(default)]
    pub rule_files: Vec<String>,
    /// How often rules run; one minute where not said.
    #[serde(default)]
    pub evaluation_interval: Option<Written>,
    /// Names of rule groups in the order in which they run; others come first.
    #[serde(default)]
    pub group_eval_order: Vec<String>,
    /// Whether neighbouring floats count as equal.
    #[serde(default)]
    pub fuzzy_compare: bool,
    /// The tests.
    #[serde(default)]
    pub tests: Vec<TestGroup>,
}

/// Tests on the same series.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestGroup {
    /// How reports name it.
    pub name: Option<String>,
    /// The distance of the values of `input_series`.
    interval: Option<Written>,
    /// The time of the first values, in seconds since 1970.
    start_timestamp: Option<Number>,
    /// The series.
    #[serde(default)]
    pub input_series: Vec<InputSeries>,
    /// Expressions and what they give.
    #[serde(default)]
    pub promql_expr_test: Vec<ExprTest>,
    /// Tests of alerts.
    #[serde(default)]
    pub alert_rule_test: Vec<IgnoredAny>,
    /// Labels of alerts, unused here.
    #[serde(default, rename = "external_labels")]
    _external_labels: Option<IgnoredAny>,
    /// The address in alerts, unused here.
    #[serde(default, rename = "external_url")]
    _external_url: Option<IgnoredAny>,
}

/// A series in promtool's notation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSeries {
    /// Its labels.
    pub series: String,
    /// Its values.
    pub values: String,
}

/// An expression and what it gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExprTest {
    /// The expression.
    pub expr: String,
    /// When it is evaluated, from the first values on.
    #[serde(default)]
    pub eval_time: Written,
    /// What it gives, in any order.
    #[serde(default)]
    pub exp_samples: Vec<ExpectedSample>,
}

/// A sample that an expression gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedSample {
    /// Its labels; none where not said.
    #[serde(default)]
    pub labels: String,
    /// Its value, where it is a number.
    #[serde(default)]
    pub value: Number,
    /// Its value, where it is a native histogram.
    pub histogram: Option<String>,
}

/// A file of rules; what only alerts need is read and left aside.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Its groups.
    #[serde(default)]
    pub groups: Vec<RuleGroup>,
}

/// Rules that run one after the other.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleGroup {
    /// Its name.
    pub name: String,
    /// How often it runs; tests run it at their own interval.
    #[serde(rename = "interval")]
    _interval: Option<Written>,
    /// How far before the time of its run its expressions are evaluated.
    pub query_offset: Option<Written>,
    /// The most series that a rule may give; 0 is no limit.
    #[serde(default)]
    pub limit: usize,
    /// Labels of everything that its rules give.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Its rules.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// A rule of either kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    record: Option<String>,
    alert: Option<String>,
    expr: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(rename = "for")]
    _for: Option<Written>,
    #[serde(rename = "keep_firing_for")]
    _keep_firing_for: Option<Written>,
    #[serde(rename = "annotations")]
    _annotations: Option<IgnoredAny>,
}

/// A rule that writes the result of its expression.
#[derive(Clone, Copy, Debug)]
pub struct RecordingRule<'a> {
    /// The metric that it writes.
    pub record: &'a str,
    /// Its expression.
    pub expr: &'a str,
    /// Labels of everything that it gives.
    pub labels: &'a BTreeMap<String, String>,
}

/// A duration as it stands in files: `1m30s`, `0`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written(pub PromDuration);

/// A number as it stands in files: `1`, `1.5e3`, `NaN`, `"+Inf"`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Number(pub f64);

impl TestFile {
    /// Reads a file of tests.
    ///
    /// # Errors
    /// Where it is none; the message names line and column.
    pub fn parse(text: &str) -> Result<Self, RuleFileError> {
        parse(text)
    }

    /// How often rules run.
    pub fn evaluation_interval(&self) -> Millis {
        self.evaluation_interval.map_or(INTERVAL_DEFAULT, |written| written.0.as_millis())
    }

    /// The groups of all files in the order in which they run.
    pub(super) fn ordered<'r>(&self, files: &'r [RuleFile]) -> Vec<&'r RuleGroup> {
        let mut groups: Vec<_> = files.iter().flat_map(|file| &file.groups).collect();
        let place =
            |group: &RuleGroup| self.group_eval_order.iter().position(|name| *name == group.name);
        groups.sort_by_key(|group| place(group));
        groups
    }
}

impl TestGroup {
    /// The time of the first values.
    pub(super) fn start(&self) -> Timestamp {
        let seconds = self.start_timestamp.unwrap_or_default().0;
        Timestamp::from_millis((seconds * 1000.0).round() as i64)
    }

    /// The distance of the values.
    pub(super) fn interval(&self, file: &TestFile) -> Millis {
        self.interval.map_or(file.evaluation_interval(), |written| written.0.as_millis())
    }

    /// When expressions are evaluated.
    pub(super) fn eval_times(&self) -> impl Iterator<Item = Millis> {
        self.promql_expr_test.iter().map(|test| test.eval_time.0.as_millis())
    }
}

impl RuleFile {
    /// Reads a file of rules.
    ///
    /// # Errors
    /// Where it is none, or a rule is neither recording nor alerting.
    pub fn parse(text: &str) -> Result<Self, RuleFileError> {
        let file: Self = parse(text)?;
        for group in &file.groups {
            for (index, rule) in group.rules.iter().enumerate() {
                let place = || format!("group {:?}, rule {}", group.name, index + 1);
                match (&rule.record, &rule.alert) {
                    (Some(_), Some(_)) => {
                        let message = "only one of 'record' and 'alert' must be set";
                        return Err(RuleFileError(format!("{}: {message}", place())));
                    }
                    (None, None) => {
                        let message = "one of 'record' or 'alert' must be set";
                        return Err(RuleFileError(format!("{}: {message}", place())));
                    }
                    _ => {}
                }
            }
        }
        Ok(file)
    }
}

impl Rule {
    /// The rule where it records; `None` where it alerts.
    pub fn recording(&self) -> Option<RecordingRule<'_>> {
        let record = self.record.as_deref()?;
        Some(RecordingRule { record, expr: &self.expr, labels: &self.labels })
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, RuleFileError> {
    // `.nan` and `.inf` are values that an expression may give.
    let options = serde_saphyr::options! {
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
    };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| RuleFileError(error.to_string()))
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = scalar(deserializer)?;
        PromDuration::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = scalar(deserializer)?;
        // YAML writes .inf and .nan, Prometheus Inf and NaN.
        let plain = text.strip_prefix('.').filter(|rest| rest.starts_with(char::is_alphabetic));
        let plain = plain.map_or_else(
            || text.replacen("-.", "-", usize::from(text.starts_with("-.i"))),
            str::to_owned,
        );
        plain.parse().map(Self).map_err(|_| D::Error::custom(format!("{text:?} is no number")))
    }
}

/// The text of a scalar, whatever YAML takes it for.
fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Integer(i64),
        Float(f64),
        Text(String),
    }
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Integer(value) => value.to_string(),
        Scalar::Float(value) => value.to_string(),
        Scalar::Text(text) => text,
    })
}
