//! The templates of alerting rules: labels and annotations.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use model::{Labels, LabelsRef, Timestamp};
use query::promql::{InstantQuery, QueryOptions, SampleValue, Value as Answer};

use super::group::EvaluationContext;
use crate::template::value::{STRING_MAP, TypeInfo};
use crate::template::{Context, Dialect, Escape, QueriedSample, TemplateError, TemplateSet, Value};

/// What every text starts with, so that `$labels` and `$value` are there.
const PREFIX: &str = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}\
                      {{$externalURL := .ExternalURL}}{{$value := .Value}}";

/// Go shows the type without a name in full.
static DATA: TypeInfo = TypeInfo {
    name: "struct { Labels map[string]string; ExternalLabels map[string]string; \
           ExternalURL string; Value interface {} }",
    methods: &[],
    is_json_camel: false,
};

/// A label or annotation: plain, or a template that was parsed once.
#[derive(Clone, Debug)]
pub(super) enum Text {
    Plain(String),
    Template {
        alert: String,
        set: TemplateSet,
    },
    /// A template that does not parse; a checked file has none.
    Broken(String),
}

/// The name of a rule's templates in errors.
fn template_name(alert: &str) -> String {
    format!("__alert_{alert}")
}

/// Whether a text of rule `alert` is a template.
pub(super) fn check(alert: &str, text: &str) -> Result<(), TemplateError> {
    parsed(alert, text).map(drop)
}

fn parsed(alert: &str, text: &str) -> Result<TemplateSet, TemplateError> {
    let mut set = TemplateSet::new(Dialect::Prometheus);
    set.add(&template_name(alert), &format!("{PREFIX}{text}"))?;
    Ok(set)
}

/// The texts of a rule by name.
pub(super) fn texts(alert: &str, written: &BTreeMap<String, String>) -> Vec<(String, Text)> {
    written.iter().map(|(name, text)| (name.clone(), Text::new(alert, text))).collect()
}

impl Text {
    fn new(alert: &str, text: &str) -> Self {
        if !text.contains("{{") {
            return Self::Plain(text.to_owned());
        }
        match parsed(alert, text) {
            Ok(set) => Self::Template { alert: alert.to_owned(), set },
            Err(error) => Self::Broken(shown("parsing", alert, &error)),
        }
    }
}

/// A fault in the place of the text, as Prometheus shows it.
fn shown(doing: &str, alert: &str, error: &TemplateError) -> String {
    let name = template_name(alert);
    format!("<error expanding template: error {doing} template {name}: {error}>")
}

/// Expands the texts of one alert.
pub(super) struct Expander<'a> {
    context: &'a EvaluationContext<'a>,
    at: Timestamp,
    labels: &'a LabelsRef,
    value: &'a SampleValue,
    /// Made for the first template; rules without templates need none.
    data: OnceCell<Value>,
    fault: RefCell<Option<String>>,
}

impl<'a> Expander<'a> {
    /// For the series `labels` with `value` at `at`.
    pub(super) fn new(
        context: &'a EvaluationContext<'a>,
        at: Timestamp,
        labels: &'a LabelsRef,
        value: &'a SampleValue,
    ) -> Self {
        Self { context, at, labels, value, data: OnceCell::new(), fault: RefCell::default() }
    }

    /// What templates see.
    fn data(&self) -> Value {
        let value = match self.value {
            SampleValue::Float(value) => Value::Float(*value),
            SampleValue::Histogram(histogram) => {
                query::testing::compare::show_histogram(histogram).into()
            }
        };
        let external = self.context.external_labels.iter();
        let external = external.map(|(name, value)| (name.as_str(), value.as_str()));
        Value::object(
            &DATA,
            vec![
                ("Labels", Value::string_map(&STRING_MAP, self.labels.iter())),
                ("ExternalLabels", Value::string_map(&STRING_MAP, external)),
                ("ExternalURL", self.context.external_url.into()),
                ("Value", value),
            ],
        )
    }

    /// The text; a template that fails becomes its error.
    pub(super) fn expand(&self, text: &Text) -> String {
        let (alert, set) = match text {
            Text::Plain(text) => return text.clone(),
            Text::Broken(fault) => return self.note(fault.clone()),
            Text::Template { alert, set } => (alert, set),
        };
        let query = |expr: &str| self.query(expr);
        let context = Context {
            now_ns: i128::from(self.at.as_millis()) * 1_000_000,
            external_url: self.context.external_url,
            path_prefix: path_of(self.context.external_url),
            query: Some(&query),
        };
        let data = self.data.get_or_init(|| self.data());
        set.execute(&template_name(alert), data, Escape::None, &context)
            .unwrap_or_else(|error| self.note(shown("executing", alert, &error)))
    }

    fn note(&self, fault: String) -> String {
        self.fault.borrow_mut().get_or_insert_with(|| fault.clone());
        fault
    }

    /// The first fault of a text that was expanded, as it stands in its place.
    pub(super) fn into_fault(self) -> Option<String> {
        self.fault.into_inner()
    }

    /// All texts; those that expand to nothing stay.
    pub(super) fn expand_all(&self, texts: &[(String, Text)]) -> Vec<(String, String)> {
        texts.iter().map(|(name, text)| (name.clone(), self.expand(text))).collect()
    }

    fn query(&self, expr: &str) -> Result<Vec<QueriedSample>, String> {
        let options =
            QueryOptions { cancel: self.context.cancel.clone(), ..QueryOptions::default() };
        let query = InstantQuery { text: expr.to_owned(), time: self.at, options };
        let answer = self.context.engine.instant(self.context.store, &query);
        let sample = |labels: &Labels, value: f64| QueriedSample {
            labels: labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
            value,
        };
        match answer.map_err(|error| error.to_string())?.value {
            Answer::Vector(found) => Ok(found
                .iter()
                .map(|found| match &found.value {
                    SampleValue::Float(value) => sample(&found.labels, *value),
                    SampleValue::Histogram(_) => sample(&found.labels, 0.0),
                })
                .collect()),
            Answer::Scalar { value, .. } => Ok(vec![sample(&Labels::empty(), value)]),
            _ => Err("query result is not a vector or scalar".to_owned()),
        }
    }
}

/// The path of an address, without the slash at its end.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.find('/').map_or("", |at| &after_scheme[at..]);
    path.trim_end_matches('/')
}
