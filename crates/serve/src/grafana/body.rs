//! What is read of a dashboard's JSON: the little that it is found and told apart by.
//!
//! All else is kept as it is. A dashboard comes bare or as a resource
//! (`{"apiVersion": …, "metadata": …, "spec": …}`), whose `spec` is kept.

use std::hash::{BuildHasher, RandomState};

use super::document::Document;
use super::error::GrafanaError;

/// The longest uid that Grafana accepts, in bytes.
const UID_BYTES_MAX: usize = 40;
/// The longest title that Grafana accepts, in characters.
const TITLE_CHARS_MAX: usize = 5_000;

/// A dashboard as it came.
pub(super) struct DashboardBody<'a> {
    /// The text to keep.
    pub(super) text: &'a str,
    /// The number in the database that it was read from; perhaps another.
    pub(super) id: Option<i64>,
    pub(super) uid: Option<String>,
    pub(super) title: String,
    pub(super) tags: Vec<String>,
    /// The version that was read, which a save replaces.
    pub(super) version: Option<i64>,
}

impl<'a> DashboardBody<'a> {
    /// Reads a dashboard.
    ///
    /// # Errors
    /// Where the text is no JSON object, the title is missing, or title or uid are such as
    /// Grafana refuses.
    pub(super) fn read(text: &'a str) -> Result<Self, GrafanaError> {
        let document =
            Document::parse(text).map_err(|error| GrafanaError::json("the dashboard", &error))?;
        let body = match document.object("spec").filter(|_| document.get("apiVersion").is_some()) {
            Some(spec) => {
                let name = document.object("metadata").and_then(|metadata| metadata.string("name"));
                Self { uid: name.or(spec.string("uid")), ..Self::read_bare(&spec) }
            }
            None => Self::read_bare(&document),
        };
        body.check()?;
        Ok(body)
    }

    fn read_bare(document: &Document<'a>) -> Self {
        let tags: Vec<serde_json::Value> = document.read("tags").unwrap_or_default();
        let number = |name| document.read(name).filter(|number: &i64| *number > 0);
        Self {
            text: document.text(),
            id: number("id"),
            uid: document.string("uid"),
            title: document.read::<String>("title").unwrap_or_default().trim().to_owned(),
            tags: tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect(),
            version: document.read("version"),
        }
    }

    fn check(&self) -> Result<(), GrafanaError> {
        if self.title.is_empty() {
            let message = "Dashboard title cannot be empty";
            return Err(GrafanaError::bad_request(message).with_word("empty-name"));
        }
        if self.title.chars().count() > TITLE_CHARS_MAX {
            let message = "Dashboard title cannot contain more than 5 000 characters";
            return Err(GrafanaError::bad_request(message).with_word("title-too-long"));
        }
        self.uid.as_deref().map_or(Ok(()), check_uid)
    }
}

/// Refuses uids that Grafana refuses.
pub(super) fn check_uid(uid: &str) -> Result<(), GrafanaError> {
    if uid.len() > UID_BYTES_MAX {
        return Err(GrafanaError::bad_request("uid too long, max 40 characters"));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !uid.bytes().all(is_plain) {
        return Err(GrafanaError::bad_request("uid contains illegal characters"));
    }
    Ok(())
}

/// A uid that nothing has.
pub(super) fn new_uid() -> String {
    // Each state hashes with keys of its own, drawn from the system's randomness.
    format!("b{:015x}", RandomState::new().hash_one(()) >> 4)
}

/// A title as a part of a URL.
pub(super) fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "-".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashboard_is_read_bare_or_as_a_resource() {
        let text = r#"{"id":3,"uid":"a-b","title":" T ","tags":["x",1],"version":2,"z":1.0}"#;
        let body = DashboardBody::read(text).unwrap();
        assert_eq!((body.id, body.uid.as_deref(), body.version), (Some(3), Some("a-b"), Some(2)));
        assert_eq!((body.title.as_str(), body.tags.len(), body.text), ("T", 1, text));
        let resource = format!(
            r#"{{"apiVersion":"dashboard.grafana.app/v1","metadata":{{"name":"n"}},"spec":{text}}}"#
        );
        let body = DashboardBody::read(&resource).unwrap();
        assert_eq!((body.uid.as_deref(), body.text), (Some("n"), text));
    }

    #[test]
    fn what_grafana_refuses_is_refused() {
        let word = |text: &str| DashboardBody::read(text).err().unwrap().word;
        assert_eq!(word("{}"), Some("empty-name"));
        assert_eq!(
            word(&format!(r#"{{"title":"{}"}}"#, "x".repeat(5_001))),
            Some("title-too-long")
        );
        let message = |text: &str| DashboardBody::read(text).err().unwrap().message;
        assert!(message(r#"{"title":"t","uid":"a b"}"#).contains("illegal"));
        let uid = "x".repeat(41);
        assert!(message(&format!(r#"{{"title":"t","uid":"{uid}"}}"#)).contains("too long"));
        assert!(message("{\"title\": }").contains("line 1 column 11"));
    }

    #[test]
    fn slugs_and_uids_fit_into_urls() {
        assert_eq!(slug("CPU / memory: <script>!"), "cpu-memory-script");
        assert_eq!(slug("日本"), "-");
        assert_ne!(new_uid(), new_uid());
        assert!(check_uid(&new_uid()).is_ok());
    }
}
