//! What stands in a file of tests.

use std::collections::BTreeMap;

use model::{Millis, PromDuration, Timestamp};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::rules::file::{GroupDefinition, RuleFile};
use crate::yaml;

/// The interval where a file names none.
const INTERVAL_DEFAULT: Millis = Millis::from_secs(60);

/// A file of tests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TestFile {
    /// Paths of rule files, relative to this one, with wildcards.
    pub rule_files: Vec<String>,
    evaluation_interval: Option<PromDuration>,
    /// Names of rule groups in the order in which they run; others come first.
    pub group_eval_order: Vec<String>,
    /// Whether neighbouring floats count as equal.
    pub fuzzy_compare: bool,
    /// The tests.
    pub tests: Vec<TestGroup>,
}

/// Tests on the same series.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TestGroup {
    /// How reports name it.
    pub name: Option<String>,
    interval: Option<PromDuration>,
    /// In seconds since 1970.
    start_timestamp: Number,
    /// The series.
    pub input_series: Option<Vec<InputSeries>>,
    /// Times and the alerts that fire then.
    pub alert_rule_test: Option<Vec<AlertTest>>,
    /// Expressions and what they give.
    pub promql_expr_test: Option<Vec<ExprTest>>,
    /// The labels of the server, for templates.
    pub external_labels: Option<BTreeMap<String, String>>,
    /// The address of the server, for templates.
    pub external_url: Option<String>,
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

/// The alerts of one name that fire at a time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertTest {
    /// The time, from the first values on.
    #[serde(default)]
    pub eval_time: PromDuration,
    /// The name.
    pub alertname: String,
    /// All alerts of that name that fire, in any order.
    pub exp_alerts: Option<Vec<ExpectedAlert>>,
}

/// An alert that fires.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectedAlert {
    /// Its labels, but for its name.
    pub exp_labels: Option<BTreeMap<String, String>>,
    /// Its texts.
    pub exp_annotations: Option<BTreeMap<String, String>>,
}

/// An expression and what it gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExprTest {
    /// The expression.
    pub expr: String,
    /// When it is evaluated, from the first values on.
    #[serde(default)]
    pub eval_time: PromDuration,
    /// What it gives, in any order.
    pub exp_samples: Option<Vec<ExpectedSample>>,
}

/// A sample that an expression gives.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectedSample {
    /// Its labels; none where not said.
    pub labels: String,
    /// Its value, where it is a number.
    pub(super) value: Number,
    /// Its value, where it is a native histogram.
    pub histogram: Option<String>,
}

/// A number as it stands in files: `1`, `1.5e3`, `NaN`, `.inf`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Number(pub(super) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // YAML writes .inf and .nan, Prometheus Inf and NaN.
        let plain = text.replacen('.', "", usize::from(text.contains(".i") || text.contains(".n")));
        plain.parse().map(Self).map_err(|_| D::Error::custom(format!("{text:?} is no number")))
    }
}

impl TestFile {
    /// Reads a file of tests.
    ///
    /// # Errors
    /// Where it is none; the message names line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fault =
            |fault: yaml::YamlFault| format!("{}:{}: {}", fault.line, fault.column, fault.message);
        yaml::read(text).map_err(fault)
    }

    /// How often rules run.
    pub fn evaluation_interval(&self) -> Millis {
        self.evaluation_interval.map_or(INTERVAL_DEFAULT, PromDuration::as_millis)
    }

    /// The groups of all files in the order in which they run.
    pub(super) fn ordered<'r>(&self, files: &'r [RuleFile]) -> Vec<&'r GroupDefinition> {
        let mut groups: Vec<_> = files.iter().flat_map(|file| &file.groups).collect();
        groups
            .sort_by_key(|group| self.group_eval_order.iter().position(|name| *name == group.name));
        groups
    }
}

impl TestGroup {
    /// The time of the first values.
    pub(super) fn start(&self) -> Timestamp {
        Timestamp::from_millis((self.start_timestamp.0 * 1000.0).round() as i64)
    }

    /// The distance of the values.
    pub(super) fn interval(&self, file: &TestFile) -> Millis {
        self.interval.map_or(file.evaluation_interval(), PromDuration::as_millis)
    }

    /// The times that tests look at.
    pub(super) fn eval_times(&self) -> impl Iterator<Item = Millis> {
        let exprs = self.promql_expr_test.iter().flatten().map(|test| test.eval_time);
        let alerts = self.alert_rule_test.iter().flatten().map(|test| test.eval_time);
        exprs.chain(alerts).map(PromDuration::as_millis)
    }
}
