//! Rule files that are part of the binary: `content/rules`.

use alerting::rules::RuleFile;
use query::promql::ParseOptions;
use serde::{Deserialize, Serialize};

/// A bundled file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BundledRules {
    /// Hosts, by node_exporter's metrics.
    Host,
    /// This server itself.
    Bellwether,
    /// A fleet of devices.
    Iot,
    /// The services of an energy platform.
    Energy,
}

/// `alerting.bundled`: which of them are loaded.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged, expecting = "true, false or a list of host, bellwether, iot and energy")]
pub(crate) enum BundledSetting {
    /// Those about this host and this server, or none.
    Default(bool),
    /// These.
    Listed(Vec<BundledRules>),
}

impl BundledSetting {
    /// The files that are asked for, each once.
    pub(crate) fn files(&self) -> Vec<BundledRules> {
        match self {
            Self::Default(true) => vec![BundledRules::Bellwether, BundledRules::Host],
            Self::Default(false) => Vec::new(),
            Self::Listed(listed) => {
                let mut listed = listed.clone();
                listed.sort();
                listed.dedup();
                listed
            }
        }
    }
}

impl BundledRules {
    const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Bellwether => "bellwether",
            Self::Iot => "iot",
            Self::Energy => "energy",
        }
    }

    /// The path that pages show.
    pub(crate) fn path(self) -> String {
        format!("bundled/{}.yml", self.name())
    }

    /// Reads it; the faults of one that is not sound, which a test rules out.
    pub(crate) fn read(self) -> Result<RuleFile, Vec<String>> {
        let text = match self {
            Self::Host => include_str!("../../../../../content/rules/host.yml"),
            Self::Bellwether => include_str!("../../../../../content/rules/bellwether.yml"),
            Self::Iot => include_str!("../../../../../content/rules/iot.yml"),
            Self::Energy => include_str!("../../../../../content/rules/energy.yml"),
        };
        let placed = |fault| format!("{}:{fault}", self.path());
        RuleFile::parse(text, ParseOptions { experimental: false })
            .map_err(|faults| faults.into_iter().map(placed).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_a_word_or_a_list() {
        let files = |yaml: &str| {
            serde_saphyr::from_str::<BundledSetting>(yaml).map(|setting| setting.files()).ok()
        };
        assert_eq!(files("true").map(|files| files.len()), Some(2));
        assert_eq!(files("false"), Some(Vec::new()));
        assert_eq!(files("[iot, host, iot]"), Some(vec![BundledRules::Host, BundledRules::Iot]));
        assert_eq!(files("[hosts]"), None);
    }

    #[test]
    fn all_are_sound_and_none_has_duplicates() {
        for bundled in
            serde_saphyr::from_str::<Vec<BundledRules>>("[host, bellwether, iot, energy]").unwrap()
        {
            let file = bundled.read().unwrap();
            assert!(file.groups.len() > 1 && file.duplicates().is_empty(), "{bundled:?}");
        }
    }
}
