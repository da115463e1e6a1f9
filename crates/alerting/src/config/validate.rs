//! From the written file to a checked configuration.

use std::collections::{BTreeMap, BTreeSet};

use serde_saphyr::Spanned;

use super::route::{self, WrittenRoute};
use super::{
    Config, ConfigError, ConfigWarning, InhibitRuleConfig, NamedIntervals, RouteConfig, Written,
    WrittenInhibitRule, receiver,
};
use crate::time_intervals::TimeInterval;

/// Checks everything.
pub(super) fn build(written: Written) -> Result<(Config, Vec<ConfigWarning>), ConfigError> {
    let warnings = warnings(&written);
    let global = written.global.unwrap_or_default();
    if let Some(fault) = global.http_config.as_ref().and_then(|http| http.fault()) {
        return Err(ConfigError::of_file(fault));
    }
    let mut receivers = Vec::new();
    let mut names = BTreeSet::new();
    for written in written.receivers.into_iter().flatten() {
        let name = written.value.name.clone().unwrap_or_default();
        if !name.is_empty() && !names.insert(name.clone()) {
            let message = format!("notification config name {name:?} is not unique");
            return Err(ConfigError::at(&written, message));
        }
        receivers.push(receiver::build(written, &global)?);
    }
    let route = root(written.route)?;
    check_receivers(&route, &names)?;
    let older = written.mute_time_intervals.into_iter().flatten();
    let time_intervals = time_intervals(written.time_intervals.into_iter().flatten().chain(older))?;
    check_intervals(&route, &time_intervals)?;
    let inhibit_rules = written.inhibit_rules.into_iter().flatten();
    let inhibit_rules = inhibit_rules.map(inhibit_rule).collect::<Result<_, _>>()?;
    let templates = written.templates.unwrap_or_default();
    let config = Config { global, templates, route, receivers, inhibit_rules, time_intervals };
    Ok((config, warnings))
}

fn warnings(written: &Written) -> Vec<ConfigWarning> {
    let mut warnings = Vec::new();
    let mut warn = |line: u64, message: &str| {
        warnings.push(ConfigWarning { line: line as usize, message: message.to_owned() });
    };
    for receiver in written.receivers.iter().flatten() {
        for wechat in receiver.value.wechat_configs.iter().flatten() {
            let message = "wechat_configs is not supported; nobody is notified by it";
            warn(wechat.referenced.line(), message);
        }
    }
    if let Some(tracing) = &written.tracing {
        warn(tracing.referenced.line(), "tracing is not supported here and has no effect");
    }
    warnings
}

fn root(written: Option<Spanned<WrittenRoute>>) -> Result<RouteConfig, ConfigError> {
    let Some(written) = written else {
        return Err(ConfigError::of_file("no route provided in config"));
    };
    let place = Spanned { value: (), referenced: written.referenced, defined: written.defined };
    let route = route::build(written, 0)?;
    let fault = |message: &str| Err(ConfigError::at(&place, message));
    if route.receiver.is_none() {
        return fault("root route must specify a default receiver");
    }
    if !route.matchers.is_empty() {
        return fault("root route must not have any matchers");
    }
    if !route.mute_time_intervals.is_empty() {
        return fault("root route must not have any mute time intervals");
    }
    if !route.active_time_intervals.is_empty() {
        return fault("root route must not have any active time intervals");
    }
    if route.continues {
        return fault("cannot have continue in root route");
    }
    Ok(route)
}

fn check_receivers(route: &RouteConfig, names: &BTreeSet<String>) -> Result<(), ConfigError> {
    for route in all(route) {
        if let Some(name) = route.receiver.as_ref().filter(|name| !names.contains(*name)) {
            return Err(at_line(route, format!("undefined receiver {name:?} used in route")));
        }
    }
    Ok(())
}

fn check_intervals(
    route: &RouteConfig,
    known: &BTreeMap<String, Vec<TimeInterval>>,
) -> Result<(), ConfigError> {
    for route in all(route) {
        for name in route.mute_time_intervals.iter().chain(&route.active_time_intervals) {
            if !known.contains_key(name) {
                let message = format!("undefined time interval {name:?} used in route");
                return Err(at_line(route, message));
            }
        }
    }
    Ok(())
}

fn at_line(route: &RouteConfig, message: String) -> ConfigError {
    ConfigError { line: route.line, column: 1, message }
}

/// A route and all below it.
fn all(route: &RouteConfig) -> Vec<&RouteConfig> {
    let mut found = vec![route];
    let mut next = 0;
    while next < found.len() {
        let below = &found[next].routes;
        found.extend(below);
        next += 1;
    }
    found
}

fn time_intervals(
    written: impl Iterator<Item = Spanned<NamedIntervals>>,
) -> Result<BTreeMap<String, Vec<TimeInterval>>, ConfigError> {
    let mut known = BTreeMap::new();
    for named in written {
        let name = named.value.name.clone();
        if name.is_empty() {
            return Err(ConfigError::at(&named, "missing name in time interval"));
        }
        if known.contains_key(&name) {
            let message = format!("time interval {name:?} is not unique");
            return Err(ConfigError::at(&named, message));
        }
        known.insert(name, named.value.time_intervals.unwrap_or_default());
    }
    Ok(known)
}

fn inhibit_rule(written: Spanned<WrittenInhibitRule>) -> Result<InhibitRuleConfig, ConfigError> {
    let rule = &written.value;
    let source = route::matchers(
        rule.source_match.as_ref(),
        rule.source_match_re.as_ref(),
        rule.source_matchers.as_ref(),
    );
    let target = route::matchers(
        rule.target_match.as_ref(),
        rule.target_match_re.as_ref(),
        rule.target_matchers.as_ref(),
    );
    let fault = |message: String| {
        let name = rule.name.as_ref().map(|name| format!("inhibit rule {name:?}: "));
        ConfigError::at(&written, format!("{}{message}", name.unwrap_or_default()))
    };
    Ok(InhibitRuleConfig {
        source: source.map_err(fault)?,
        target: target.map_err(fault)?,
        equal: written.value.equal.clone().unwrap_or_default(),
    })
}
