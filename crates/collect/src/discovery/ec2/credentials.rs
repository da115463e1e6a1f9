//! Keys: written down, in the environment, in a file, for a web identity, or of
//! the instance that this runs on, in the order in which AWS' own clients look.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::Config;
use crate::discovery::DiscoveryError;
use crate::http_client::Secret;

/// Keys are renewed this long before they expire.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_mins(5);

/// What requests are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) access_key: String,
    pub(super) secret_key: Secret,
    pub(super) session_token: Option<Secret>,
    /// When they end, where they do.
    pub(super) expires_at: Option<Timestamp>,
}

impl Credentials {
    pub(super) fn are_fresh(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now + RENEW_BEFORE < at)
    }
}

/// What the process was started with.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    pub(super) variables: BTreeMap<String, String>,
    /// Where the instance's metadata are.
    pub(super) metadata_url: String,
    /// Where roles are taken, instead of the region's usual place.
    pub(super) sts_url: Option<String>,
}

/// Where keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// They are here.
    Known(Credentials),
    /// They are in a shared credentials file.
    File { path: PathBuf, profile: String },
    /// A token of another party is exchanged for them.
    WebIdentity { role_arn: String, session_name: String, token_file: PathBuf },
    /// The instance's role has them.
    Instance,
}

impl Environment {
    pub(super) fn of_the_process() -> Self {
        Self {
            variables: std::env::vars().filter(|(name, _)| is_read(name)).collect(),
            metadata_url: std::env::var("AWS_EC2_METADATA_SERVICE_ENDPOINT")
                .unwrap_or_else(|_| "http://169.254.169.254".to_owned()),
            sts_url: None,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Where `config` and this environment say that keys are.
    pub(super) fn source(&self, config: &Config) -> Source {
        let known = |access: &str, secret: Secret, token: Option<&str>| {
            Source::Known(Credentials {
                access_key: access.to_owned(),
                secret_key: secret,
                session_token: token.map(Secret::from),
                expires_at: None,
            })
        };
        if let (Some(access), Some(secret)) = (&config.access_key, &config.secret_key) {
            return known(access, secret.clone(), None);
        }
        if config.profile.is_none() {
            if let (Some(access), Some(secret)) =
                (self.get("AWS_ACCESS_KEY_ID"), self.get("AWS_SECRET_ACCESS_KEY"))
            {
                return known(access, secret.into(), self.get("AWS_SESSION_TOKEN"));
            }
            if let (Some(role), Some(token)) =
                (self.get("AWS_ROLE_ARN"), self.get("AWS_WEB_IDENTITY_TOKEN_FILE"))
            {
                return Source::WebIdentity {
                    role_arn: role.to_owned(),
                    session_name: self
                        .get("AWS_ROLE_SESSION_NAME")
                        .unwrap_or("bellwether")
                        .to_owned(),
                    token_file: token.into(),
                };
            }
        }
        let named = config.profile.as_deref().or_else(|| self.get("AWS_PROFILE"));
        let path = match (self.get("AWS_SHARED_CREDENTIALS_FILE"), self.get("HOME")) {
            (Some(path), _) => PathBuf::from(path),
            (None, Some(home)) => Path::new(home).join(".aws/credentials"),
            (None, None) => return Source::Instance,
        };
        match named {
            None if !path.exists() => Source::Instance,
            profile => Source::File { path, profile: profile.unwrap_or("default").to_owned() },
        }
    }
}

fn is_read(name: &str) -> bool {
    name.starts_with("AWS_") || name == "HOME"
}

/// The keys of `profile` in a shared credentials file.
pub(super) fn from_file(path: &Path, profile: &str) -> Result<Credentials, DiscoveryError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|source| DiscoveryError::File { path: shown.clone(), source })?;
    let mut is_ours = false;
    let mut values = BTreeMap::new();
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_ours = section.trim() == profile;
        } else if is_ours && let Some((name, value)) = line.split_once('=') {
            values.insert(name.trim(), value.trim());
        }
    }
    match (values.get("aws_access_key_id"), values.get("aws_secret_access_key")) {
        (Some(access), Some(secret)) => Ok(Credentials {
            access_key: (*access).to_owned(),
            secret_key: (*secret).into(),
            session_token: values.get("aws_session_token").map(|token| (*token).into()),
            expires_at: None,
        }),
        _ => Err(DiscoveryError::Malformed {
            place: shown,
            reason: format!(
                "profile {profile:?} has no aws_access_key_id and aws_secret_access_key"
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        let variables = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Environment { variables: variables.collect(), ..Environment::default() }
    }

    fn config(yaml: &str) -> Config {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn the_first_place_with_keys_counts() {
        let all = [
            ("AWS_ACCESS_KEY_ID", "env"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_ROLE_ARN", "r"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"),
            ("HOME", "/nowhere"),
        ];
        let named = |source: Source| match source {
            Source::Known(credentials) => credentials.access_key,
            Source::File { path, profile } => format!("{}:{profile}", path.display()),
            Source::WebIdentity { role_arn, .. } => format!("web {role_arn}"),
            Source::Instance => "instance".to_owned(),
        };
        let keys = config("{access_key: written, secret_key: s}");
        assert_eq!(named(environment(&all).source(&keys)), "written");
        assert_eq!(named(environment(&all).source(&config("{}"))), "env");
        assert_eq!(named(environment(&all[2..]).source(&config("{}"))), "web r");
        let profile = environment(&all).source(&config("profile: p"));
        assert_eq!(named(profile), "/nowhere/.aws/credentials:p");
        assert_eq!(named(environment(&all[4..]).source(&config("{}"))), "instance");
        assert_eq!(named(environment(&[]).source(&config("{}"))), "instance");
    }

    #[test]
    fn shared_files() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "[default]\naws_access_key_id = a\naws_secret_access_key=b\n\
                    [ other ]\naws_access_key_id=c\naws_secret_access_key=d\naws_session_token = e\n[no]\n";
        std::fs::write(file.path(), text).unwrap();
        assert_eq!(from_file(file.path(), "default").unwrap().access_key, "a");
        let other = from_file(file.path(), "other").unwrap();
        assert_eq!(other.session_token, Some("e".into()));
        assert!(from_file(file.path(), "no").is_err());
        assert!(from_file(Path::new("/nowhere"), "no").is_err());
    }

    #[test]
    fn keys_are_renewed_in_time() {
        let now = Timestamp::now();
        let until = |minutes| Credentials {
            access_key: String::new(),
            secret_key: "".into(),
            session_token: None,
            expires_at: Some(now + SignedDuration::from_mins(minutes)),
        };
        assert!(until(6).are_fresh(now) && !until(4).are_fresh(now));
    }
}
