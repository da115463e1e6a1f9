//! Reading a YAML file: a fault is told as `file:line:column: what is wrong`.
//!
//! The lines around a fault are left out: one of them may hold a secret, and the
//! text goes to the log.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_saphyr::{MessageFormatter, UserMessageFormatter};

/// Reads the text of the file at `path`.
///
/// # Errors
/// With the place of what is wrong.
pub(super) fn parse<T: DeserializeOwned>(text: &str, path: &Path) -> anyhow::Result<T> {
    serde_saphyr::from_str(text).map_err(|error| {
        let place = error.location().map_or_else(String::new, |location| {
            format!("{}:{}:", location.line(), location.column())
        });
        let error = error.without_snippet();
        let message = UserMessageFormatter.format_message(error);
        anyhow::anyhow!("{}:{place} {message}", path.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_their_place_and_show_no_secret() {
        let text = "a: 1\npassword: hunter2\nb: [\n";
        let error = parse::<serde_json::Value>(text, Path::new("x.yml")).unwrap_err().to_string();
        assert!(error.starts_with("x.yml:"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
        let error = parse::<u8>("\n\n  x", Path::new("x.yml")).unwrap_err().to_string();
        assert!(error.starts_with("x.yml:3:3: "), "{error}");
    }
}
