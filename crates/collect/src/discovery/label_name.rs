//! Names of labels made of names that others chose.

/// `name` with `_` for each character that a label name may not have, as
/// Prometheus' `SanitizeLabelName`.
pub(super) fn sanitize(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn foreign_characters_become_underscores() {
        assert_eq!(super::sanitize("prometheus.io/scrape-é1"), "prometheus_io_scrape__1");
    }
}
