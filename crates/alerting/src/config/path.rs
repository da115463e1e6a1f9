//! Paths of a configuration, which start from where its file is.

use std::cell::RefCell;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

thread_local! {
    /// The directory for the text that is read on this thread: what derives
    /// `Deserialize` can't be handed anything.
    static DIRECTORY: RefCell<PathBuf> = const { RefCell::new(PathBuf::new()) };
}

/// A path; a relative one was made to start from the configuration's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigPath(PathBuf);

impl Deref for ConfigPath {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ConfigPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path = PathBuf::deserialize(deserializer)?;
        // An empty path is none, not the directory.
        match path.as_os_str().is_empty() {
            true => Ok(Self(path)),
            false => Ok(Self(DIRECTORY.with_borrow(|directory| directory.join(path)))),
        }
    }
}

/// Runs `read` with paths that start from `directory`.
pub(super) fn starting_from<T>(directory: &Path, read: impl FnOnce() -> T) -> T {
    DIRECTORY.set(directory.to_owned());
    let value = read();
    DIRECTORY.take();
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn relative_paths_start_from_the_file() {
        let yaml = "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url_file: x}, {url_file: /y}]}]";
        let paths = |config: Config| -> Vec<PathBuf> {
            let urls =
                config.receivers[0].integrations.iter().map(|integration| match integration {
                    crate::config::Integration::Webhook(webhook) => {
                        webhook.url_file.as_deref().unwrap().to_owned()
                    }
                    other => panic!("{other:?}"),
                });
            urls.collect()
        };
        let (config, _) = Config::parse_in(yaml, Path::new("/etc/am")).unwrap();
        assert_eq!(paths(config), [Path::new("/etc/am/x"), Path::new("/y")]);
        let (config, _) = Config::parse(yaml).unwrap();
        assert_eq!(paths(config), [Path::new("x"), Path::new("/y")]);
    }
}
