//! Changing a part of a resource: JSON Merge Patch (RFC 7386), which `kubectl apply` sends.

use axum::http::{HeaderMap, header};

use super::status::Status;
use crate::grafana::GrafanaError;
use crate::grafana::document::Document;

/// How deep a patch may be nested.
const DEPTH_MAX: usize = 128;

/// Refuses the other kinds of patches that Kubernetes has.
pub(super) fn check_kind(headers: &HeaderMap) -> Result<(), Status> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    if kind == "application/merge-patch+json" {
        return Ok(());
    }
    Err(Status::unsupported(format!(
        "patches of type {kind:?} are not supported; send application/merge-patch+json"
    )))
}

/// The object with the changes of a patch; what it does not name stays to the byte.
///
/// # Errors
/// Where one is no JSON, or the patch is nested too deep.
pub(super) fn merged(object: &str, patch: &Document<'_>) -> Result<String, Status> {
    merge(Some(object), patch, 0)
}

fn merge(target: Option<&str>, patch: &Document<'_>, depth: usize) -> Result<String, Status> {
    if depth > DEPTH_MAX {
        let message = format!("the patch is nested deeper than {DEPTH_MAX} levels");
        return Err(Status::bad_request(message));
    }
    // What is no object is replaced by one.
    let target = Document::parse(target.filter(|text| text.starts_with('{')).unwrap_or("{}"));
    let target = target.map_err(|error| GrafanaError::json("the object", &error))?;
    let (mut changed, mut removed) = (Vec::new(), Vec::new());
    for (name, value) in patch.members() {
        if value == "null" {
            removed.push(name);
        } else if value.starts_with('{') {
            let inner = Document::parse(value);
            let inner = inner.map_err(|error| GrafanaError::json("the patch", &error))?;
            changed.push((name, merge(target.get(name), &inner, depth + 1)?));
        } else {
            changed.push((name, value.to_owned()));
        }
    }
    let merged = target.with(&changed);
    if removed.is_empty() {
        return Ok(merged);
    }
    let merged = Document::parse(&merged);
    Ok(merged.map_err(|error| GrafanaError::json("the object", &error))?.without(&removed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(object: &str, patch: &str) -> String {
        merged(object, &Document::parse(patch).unwrap()).ok().unwrap()
    }

    #[test]
    fn what_is_named_changes_and_nothing_else() {
        let object = r#"{"a": {"b": 1.50, "c": [1e3]}, "d": "x"}"#;
        assert_eq!(
            patched(object, r#"{"a":{"e":{"f":1}},"d":[2]}"#),
            r#"{"a": {"e":{"f":1},"b": 1.50, "c": [1e3]}, "d": [2]}"#
        );
        assert_eq!(patched(object, r#"{"a":{"b":null},"d":null}"#), r#"{"a":{"c":[1e3]}}"#);
        assert_eq!(
            patched(object, r#"{"d":{"x":null,"y":{"z":null}}}"#).matches("null").count(),
            0
        );
        assert_eq!(patched("{}", r#"{"a":1}"#), r#"{"a":1}"#);
    }

    #[test]
    fn a_patch_that_is_too_deep_is_refused() {
        let deep = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
        let patch = |levels| merged("{}", &Document::parse(&deep(levels)).unwrap()).is_ok();
        assert!(patch(DEPTH_MAX + 1));
        assert!(!patch(DEPTH_MAX + 2));
        assert!(!patch(100_000));
    }
}
