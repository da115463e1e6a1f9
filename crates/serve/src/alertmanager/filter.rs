//! Which alerts a request asks for.

use alerting::alertmanager::AlertView;
use alerting::matchers::parse_matchers;
use model::Matcher;
use regex::Regex;

use super::answer::Fault;
use crate::prometheus::params::Params;

/// What Go's API libraries take for true.
const TRUE: &[&str] = &["true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"];

/// The conditions of a request.
pub(super) struct AlertFilter {
    matchers: Vec<Matcher>,
    receiver: Option<Regex>,
    is_active: bool,
    is_silenced: bool,
    is_inhibited: bool,
    is_muted: bool,
}

impl AlertFilter {
    /// The parameters `filter`, `receiver`, `active`, `silenced`, `inhibited` and
    /// `muted`. No alert is ever `unprocessed`.
    pub(super) fn of(params: &Params) -> Result<Self, Fault> {
        let receiver = params.get("receiver").map(|text| Regex::new(&format!("^(?:{text})$")));
        let receiver = receiver
            .transpose()
            .map_err(|error| Fault::bad(format!("failed to parse receiver param: {error}")))?;
        Ok(Self {
            matchers: matchers(params)?,
            receiver,
            is_active: is_wanted(params, "active"),
            is_silenced: is_wanted(params, "silenced"),
            is_inhibited: is_wanted(params, "inhibited"),
            is_muted: is_wanted(params, "muted"),
        })
    }

    /// Whether an alert is asked for, whoever receives it.
    pub(super) fn takes(&self, view: &AlertView) -> bool {
        self.matchers.iter().all(|matcher| matcher.matches_labels(&view.alert.labels))
            && (self.is_active || view.state() != "active")
            && (self.is_silenced || view.mutes.silenced_by.is_empty())
            && (self.is_inhibited || view.mutes.inhibited_by.is_none())
            && (self.is_muted || view.muted_by_intervals.is_empty())
    }

    /// Whether a receiver's alerts are asked for.
    pub(super) fn takes_receiver(&self, name: &str) -> bool {
        self.receiver.as_ref().is_none_or(|receiver| receiver.is_match(name))
    }
}

/// The matchers of all `filter`s.
pub(super) fn matchers(params: &Params) -> Result<Vec<Matcher>, Fault> {
    let mut matchers = Vec::new();
    for text in params.all("filter") {
        matchers.extend(parse_matchers(text).map_err(Fault::bad)?);
    }
    Ok(matchers)
}

fn is_wanted(params: &Params, name: &str) -> bool {
    params.get(name).is_none_or(|text| TRUE.contains(&text.to_ascii_lowercase().as_str()))
}
