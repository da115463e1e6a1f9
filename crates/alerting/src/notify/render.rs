//! Expanding the texts of one notification.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::data::{Data, Notification};
use super::error::NotifyError;
use crate::config::secret::Secret;
use crate::template::{Context, Dialect, Escape, Limits, TemplateError, TemplateSet, Value};

/// Reads a file with a secret.
pub type ReadFile = fn(&Path) -> std::io::Result<String>;

/// The templates that receivers use where the configuration says nothing.
const DEFAULTS: &str = include_str!("default.tmpl");

/// What one text may take: enough for tens of thousands of alerts.
const LIMITS: Limits = Limits { output_bytes_max: 16 << 20, steps_max: 20_000_000, depth_max: 150 };

/// A set with the default templates, to which a configuration adds its own.
///
/// # Errors
/// None: the templates are our own, and tested.
pub fn default_templates() -> Result<TemplateSet, TemplateError> {
    let mut set = TemplateSet::new(Dialect::Alertmanager).with_limits(LIMITS);
    set.add("default.tmpl", DEFAULTS)?;
    Ok(set)
}

/// One notification with all that its texts need.
pub struct Rendering<'a> {
    templates: &'a TemplateSet,
    notification: &'a Notification,
    data: Data,
    value: Value,
    read_file: ReadFile,
}

impl<'a> Rendering<'a> {
    /// For `notification`, with templates that hold the defaults.
    pub fn new(
        templates: &'a TemplateSet,
        notification: &'a Notification,
        read_file: ReadFile,
    ) -> Self {
        let data = notification.data();
        let value = data.value();
        Self { templates, notification, data, value, read_file }
    }

    /// The notification.
    pub fn notification(&self) -> &Notification {
        self.notification
    }

    /// What templates see.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Whether an alert fires.
    pub fn is_firing(&self) -> bool {
        self.data.status == "firing"
    }

    /// The hash of the group, by which peers know what belongs together.
    pub fn group_hash(&self) -> String {
        let digest = Sha256::digest(self.notification.group_key.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The text of a setting.
    ///
    /// # Errors
    /// Where its template fails.
    pub fn text(&self, field: &str, template: &str) -> Result<String, NotifyError> {
        self.expand(field, template, Escape::None)
    }

    /// The same as HTML.
    ///
    /// # Errors
    /// Where its template fails.
    pub fn html(&self, field: &str, template: &str) -> Result<String, NotifyError> {
        self.expand(field, template, Escape::Html)
    }

    fn expand(&self, field: &str, template: &str, escape: Escape) -> Result<String, NotifyError> {
        let context = Context {
            now_ns: i128::from(self.notification.now.as_millis()) * 1_000_000,
            external_url: &self.notification.external_url,
            path_prefix: "",
            query: None,
        };
        // Without a name, so that it can't be taken for one of people's templates.
        self.templates
            .expand("", template, &self.value, escape, &context)
            .map_err(|error| NotifyError::Template { field: field.to_owned(), error: error.into() })
    }

    /// The text of a setting that may be missing; an empty text counts as missing.
    ///
    /// # Errors
    /// Where its template fails.
    pub fn optional(
        &self,
        field: &str,
        template: Option<&String>,
    ) -> Result<Option<String>, NotifyError> {
        let text = template.map(|template| self.text(field, template)).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// The texts of a map.
    ///
    /// # Errors
    /// Where a template fails.
    pub fn texts(
        &self,
        templates: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, NotifyError> {
        templates
            .iter()
            .map(|(name, template)| Ok((name.clone(), self.text(name, template)?)))
            .collect()
    }

    /// A secret that stands in the settings or in a file.
    ///
    /// # Errors
    /// Where the file can't be read, or there is neither.
    pub fn secret(
        &self,
        field: &'static str,
        inline: Option<&Secret>,
        file: Option<&Path>,
    ) -> Result<String, NotifyError> {
        match (inline, file) {
            (Some(secret), _) => Ok(secret.reveal().to_owned()),
            (None, Some(path)) => {
                (self.read_file)(path).map(|text| text.trim().to_owned()).map_err(|error| {
                    NotifyError::SecretFile { path: path.to_owned(), reason: error.to_string() }
                })
            }
            (None, None) => {
                Err(NotifyError::Invalid { field, reason: "is not configured".to_owned() })
            }
        }
    }
}
