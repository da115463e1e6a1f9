//! `node_os_…`: the distribution, as os-release(5) tells it.

use std::collections::HashMap;

use super::context::{CollectError, HostContext, read};
use crate::exposition::Exposition;

/// Labels of `node_os_info` and the variables that they come from.
const LABELS: [(&str, &str); 12] = [
    ("build_id", "BUILD_ID"),
    ("id", "ID"),
    ("id_like", "ID_LIKE"),
    ("image_id", "IMAGE_ID"),
    ("image_version", "IMAGE_VERSION"),
    ("name", "NAME"),
    ("pretty_name", "PRETTY_NAME"),
    ("variant", "VARIANT"),
    ("variant_id", "VARIANT_ID"),
    ("version", "VERSION"),
    ("version_codename", "VERSION_CODENAME"),
    ("version_id", "VERSION_ID"),
];

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let text = read(&context.root("/etc/os-release"))
        .or_else(|_| read(&context.root("/usr/lib/os-release")))?;
    let variables = parse(&text);
    let variable = |name: &str| variables.get(name).map_or("", String::as_str);
    let labels = LABELS.map(|(label, name)| (label, variable(name)));
    let help = "Constant 1, labelled by the operating system.";
    out.gauge("node_os_info", help, &labels, 1.0);

    let labels =
        [("id", variable("ID")), ("id_like", variable("ID_LIKE")), ("name", variable("NAME"))];
    if let Some(version) = version_number(variable("VERSION_ID")) {
        let help = "Version of the operating system, major and minor.";
        out.gauge("node_os_version", help, &labels, version);
    }
    if let Some(end) = support_end(variable("SUPPORT_END")) {
        let help = "When support of the operating system ends, as Unix time.";
        out.gauge("node_os_support_end_timestamp_seconds", help, &[], end);
    }
    Ok(())
}

/// Assignments of a shell, quoted or not.
fn parse(text: &str) -> HashMap<&str, String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.trim().split_once('='))
        .map(|(name, value)| (name, unquote(value)))
        .collect()
}

fn unquote(value: &str) -> String {
    let quoted = |quote| value.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    if let Some(inner) = quoted('\'') {
        return inner.to_owned();
    }
    let inner = quoted('"').unwrap_or(value);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

/// `22.04` of `22.04.1`.
fn version_number(id: &str) -> Option<f64> {
    let mut parts = id.split('.');
    let major = parts.next()?;
    match parts.next() {
        Some(minor) => format!("{major}.{minor}").parse().ok(),
        None => major.parse().ok(),
    }
}

/// A day such as `2026-06-10`, at its start.
fn support_end(day: &str) -> Option<f64> {
    let date: jiff::civil::Date = day.parse().ok()?;
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_comments() {
        let text = "# NAME=no\nNAME=\"A \\\"B\\\"\"\nID=debian\nVERSION='1 \\ 2'\n";
        let variables = parse(text);
        assert_eq!(variables["NAME"], "A \"B\"");
        assert_eq!(variables["ID"], "debian");
        assert_eq!(variables["VERSION"], "1 \\ 2");
    }

    #[test]
    fn versions_are_numbers() {
        assert_eq!(version_number("12"), Some(12.0));
        assert_eq!(version_number("22.04.1"), Some(22.04));
        assert_eq!(version_number("rolling"), None);
        assert_eq!(support_end("1970-01-02"), Some(86_400.0));
    }
}
