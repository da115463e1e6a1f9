//! A route as it is written, and as it is after the checks.

use std::collections::{BTreeMap, BTreeSet};

use model::{MatchOp, Matcher, PromDuration};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::ConfigError;
use crate::matchers::parse_matchers;

/// The deepest that routes may stand in each other.
const DEPTH_MAX: usize = 64;

/// A route with the routes below it.
#[derive(Clone, Debug, Default)]
pub struct RouteConfig {
    /// Who is notified; inherited where it is not there.
    pub receiver: Option<String>,
    /// How alerts are grouped; inherited where it is not there.
    pub group_by: Option<GroupBy>,
    /// What alerts must match, all of them.
    pub matchers: Vec<Matcher>,
    /// Whether the routes behind this one are tried, too.
    pub continues: bool,
    /// When to be silent.
    pub mute_time_intervals: Vec<String>,
    /// When not to be silent.
    pub active_time_intervals: Vec<String>,
    /// How long to wait before the first notification of a group.
    pub group_wait: Option<PromDuration>,
    /// How long to wait before news of a group is sent.
    pub group_interval: Option<PromDuration>,
    /// How long to wait before the same is sent again.
    pub repeat_interval: Option<PromDuration>,
    /// The routes below.
    pub routes: Vec<RouteConfig>,
    /// The line where it begins, from 1.
    pub line: usize,
}

/// How alerts are grouped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// By all labels: `...`.
    All,
    /// By these.
    Labels(BTreeSet<String>),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenRoute {
    receiver: Option<String>,
    group_by: Option<Vec<String>>,
    #[serde(rename = "match")]
    match_equal: Option<BTreeMap<String, String>>,
    match_re: Option<BTreeMap<String, String>>,
    matchers: Option<Vec<String>>,
    #[serde(rename = "continue")]
    continues: bool,
    mute_time_intervals: Option<Vec<String>>,
    active_time_intervals: Option<Vec<String>>,
    group_wait: Option<PromDuration>,
    group_interval: Option<PromDuration>,
    repeat_interval: Option<PromDuration>,
    routes: Option<Vec<Spanned<WrittenRoute>>>,
}

/// The matchers of the three ways to write them.
pub(super) fn matchers(
    equal: Option<&BTreeMap<String, String>>,
    regex: Option<&BTreeMap<String, String>>,
    written: Option<&Vec<String>>,
) -> Result<Vec<Matcher>, String> {
    let mut matchers = Vec::new();
    for (name, value) in equal.into_iter().flatten() {
        matchers.push(Matcher::equal(label_name(name)?, value.as_str()));
    }
    for (name, value) in regex.into_iter().flatten() {
        let matcher = Matcher::new(MatchOp::Regex, label_name(name)?, value.as_str());
        matchers.push(matcher.map_err(|error| error.to_string())?);
    }
    for text in written.into_iter().flatten() {
        matchers.extend(parse_matchers(text).map_err(|error| error.to_string())?);
    }
    matchers.sort_by(|a, b| (a.name(), a.value()).cmp(&(b.name(), b.value())));
    Ok(matchers)
}

fn label_name(name: &str) -> Result<&str, String> {
    if name.is_empty() { Err("invalid label name \"\"".to_owned()) } else { Ok(name) }
}

/// Checks a route and those below it.
pub(super) fn build(
    written: Spanned<WrittenRoute>,
    depth: usize,
) -> Result<RouteConfig, ConfigError> {
    let fault = |message: String| Err(ConfigError::at(&written, message));
    if depth > DEPTH_MAX {
        return fault(format!("routes are nested deeper than {DEPTH_MAX}"));
    }
    let route = &written.value;
    for (name, duration) in
        [("group_interval", route.group_interval), ("repeat_interval", route.repeat_interval)]
    {
        if duration.is_some_and(|duration| duration.is_zero()) {
            return fault(format!("{name} cannot be zero"));
        }
    }
    let found =
        matchers(route.match_equal.as_ref(), route.match_re.as_ref(), route.matchers.as_ref());
    let matchers = match found {
        Ok(matchers) => matchers,
        Err(message) => return fault(message),
    };
    let group_by = match route.group_by.as_deref().map(group_by).transpose() {
        Ok(group_by) => group_by,
        Err(message) => return fault(message),
    };
    let line = written.referenced.line() as usize;
    let route = written.value;
    let routes = route.routes.unwrap_or_default();
    Ok(RouteConfig {
        receiver: route.receiver.filter(|name| !name.is_empty()),
        group_by,
        matchers,
        continues: route.continues,
        mute_time_intervals: route.mute_time_intervals.unwrap_or_default(),
        active_time_intervals: route.active_time_intervals.unwrap_or_default(),
        group_wait: route.group_wait,
        group_interval: route.group_interval,
        repeat_interval: route.repeat_interval,
        routes: routes
            .into_iter()
            .map(|route| build(route, depth + 1))
            .collect::<Result<_, _>>()?,
        line,
    })
}

fn group_by(names: &[String]) -> Result<GroupBy, String> {
    if names.iter().any(|name| name == "...") {
        if names.len() > 1 {
            return Err("cannot have wildcard group_by (`...`) and other labels at the same time"
                .to_owned());
        }
        return Ok(GroupBy::All);
    }
    let mut labels = BTreeSet::new();
    for name in names {
        if !labels.insert(label_name(name)?.to_owned()) {
            return Err(format!("duplicated label {name:?} in group_by"));
        }
    }
    Ok(GroupBy::Labels(labels))
}
