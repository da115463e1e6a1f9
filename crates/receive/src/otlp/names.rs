//! Names: OTLP's dots and units become Prometheus' underscores and suffixes.
//!
//! The rules are those of the OpenTelemetry specification on Prometheus
//! compatibility, with the choices of Prometheus' own translator.

use std::borrow::Cow;

use model::labels::is_legacy_label_name;

use super::config::{OtlpConfig, TranslationStrategy};

/// What decides about a metric's suffix beside its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameKind {
    Gauge,
    Counter,
    Other,
}

/// Units of UCUM and their names in plural.
const UNITS: [(&str, &str); 25] = [
    ("d", "days"),
    ("h", "hours"),
    ("min", "minutes"),
    ("s", "seconds"),
    ("ms", "milliseconds"),
    ("us", "microseconds"),
    ("ns", "nanoseconds"),
    ("By", "bytes"),
    ("KiBy", "kibibytes"),
    ("MiBy", "mebibytes"),
    ("GiBy", "gibibytes"),
    ("TiBy", "tibibytes"),
    ("KBy", "kilobytes"),
    ("MBy", "megabytes"),
    ("GBy", "gigabytes"),
    ("TBy", "terabytes"),
    ("m", "meters"),
    ("V", "volts"),
    ("A", "amperes"),
    ("J", "joules"),
    ("W", "watts"),
    ("g", "grams"),
    ("Cel", "celsius"),
    ("Hz", "hertz"),
    ("%", "percent"),
];

/// Units behind a slash and their names in singular.
const UNITS_PER: [(&str, &str); 7] = [
    ("s", "second"),
    ("m", "minute"),
    ("h", "hour"),
    ("d", "day"),
    ("w", "week"),
    ("mo", "month"),
    ("y", "year"),
];

/// The name of a metric; `None` where nothing is left of it.
pub(super) fn metric_name(
    name: &str,
    unit: &str,
    kind: NameKind,
    strategy: TranslationStrategy,
) -> Option<String> {
    let built = match (strategy.escapes(), strategy.adds_suffixes()) {
        (true, true) => escaped_with_suffixes(name, unit, kind),
        (true, false) => guard_digit(words(name, is_metric_char_or_underscore).join("_")),
        (false, true) => with_suffixes(name, unit, kind),
        (false, false) => name.to_owned(),
    };
    let is_named = built == name || built.chars().any(|char| char != '_');
    (!built.is_empty() && is_named).then_some(built)
}

/// The name of a unit, such as `bytes_per_second`.
pub(super) fn unit_name(unit: &str, strategy: TranslationStrategy) -> String {
    let (main, per) = unit_words(unit);
    let clean = |word: Cow<'_, str>| {
        if strategy.escapes() { clean_unit(&word) } else { word.into_owned() }
    };
    let (main, per) = (clean(main), clean(per));
    let joined = if main.is_empty() || per.is_empty() { main + &per } else { main + "_" + &per };
    joined.strip_prefix('_').unwrap_or(&joined).trim_end_matches('_').to_owned()
}

/// The name of a label; `None` where nothing is left of it.
pub(super) fn label_name<'a>(key: &'a str, config: &OtlpConfig) -> Option<Cow<'a, str>> {
    if key.is_empty() {
        return None;
    }
    if !config.translation_strategy.escapes() {
        return Some(Cow::Borrowed(key));
    }
    if is_legacy_label_name(key) && !key.starts_with('_') && !key.contains("__") {
        return Some(Cow::Borrowed(key));
    }
    let mut name = escaped(key);
    let is_reserved = key.starts_with("__") && key.ends_with("__");
    if !config.label_name_preserve_multiple_underscores && !is_reserved {
        name = collapse_underscores(&name);
    }
    if name.starts_with(|char: char| char.is_ascii_digit()) {
        name.insert_str(0, "key_");
    } else if config.label_name_underscore_sanitization
        && name.starts_with('_')
        && !name.starts_with("__")
    {
        name.insert_str(0, "key");
    }
    let is_named = name == key || name.chars().any(|char| char != '_');
    is_named.then_some(Cow::Owned(name))
}

/// `key` with `_` for each character that label names do not have.
fn escaped(key: &str) -> String {
    if !key.is_ascii() {
        let fits = |char: char| char.is_ascii_alphanumeric();
        return key.chars().map(|char| if fits(char) { char } else { '_' }).collect();
    }
    // Nearly every key: a copy whose bytes are changed in place.
    let mut bytes = key.as_bytes().to_vec();
    bytes.iter_mut().filter(|byte| !byte.is_ascii_alphanumeric()).for_each(|byte| *byte = b'_');
    String::from_utf8(bytes).expect("ASCII stays ASCII")
}

fn escaped_with_suffixes(name: &str, unit: &str, kind: NameKind) -> String {
    let mut words: Vec<Cow<'_, str>> =
        words(name, is_metric_char).into_iter().map(Cow::Borrowed).collect();
    let (main, per) = unit_words(unit);
    let (mut main, per) = (clean_unit(&main), clean_unit(&per));
    let per = if per == "per_" { "" } else { per.strip_suffix('_').unwrap_or(&per) };
    let has = |words: &[Cow<'_, str>], word: &str| words.iter().any(|candidate| candidate == word);
    if !per.is_empty() && main.ends_with('_') {
        main.pop();
    }
    if !main.is_empty() && !has(&words, &main) {
        words.push(Cow::Owned(main));
    }
    if !per.is_empty() && !has(&words, per) {
        words.push(Cow::Owned(per.to_owned()));
    }
    if let Some(suffix) = type_suffix(unit, kind) {
        words.retain(|word| word != suffix);
        words.push(Cow::Borrowed(suffix));
    }
    guard_digit(words.join("_"))
}

/// Suffixes on a name that is left as it is: in the order unit, per unit, type.
fn with_suffixes(name: &str, unit: &str, kind: NameKind) -> String {
    let suffix = type_suffix(unit, kind);
    let (main, per) = unit_words(unit);
    let mut name = without_word(name, suffix.unwrap_or("")).to_owned();
    if !per.is_empty() {
        name = without_word(&name, &per).to_owned();
    }
    if !main.is_empty() && !name.ends_with(&*main) {
        name = format!("{name}_{main}");
    }
    if !per.is_empty() {
        name = format!("{name}_{per}");
    }
    match suffix {
        Some(suffix) => format!("{name}_{suffix}"),
        None => name,
    }
}

/// `name` without `word` at its end and what divides them.
fn without_word<'a>(name: &'a str, word: &str) -> &'a str {
    let Some(rest) = name.strip_suffix(word).filter(|_| !word.is_empty()) else { return name };
    let mut chars = rest.chars();
    match chars.next_back() {
        Some(_) if !chars.as_str().is_empty() => chars.as_str(),
        _ => name,
    }
}

/// Counters count a total. A gauge of unit 1 is a ratio; counters of that unit
/// are mostly counts of things whose unit was forgotten.
fn type_suffix(unit: &str, kind: NameKind) -> Option<&'static str> {
    match kind {
        NameKind::Counter => Some("total"),
        NameKind::Gauge if unit == "1" => Some("ratio"),
        _ => None,
    }
}

/// The unit in words, and what it is per, such as `bytes` and `per_second`.
/// What stands in braces is a comment.
fn unit_words(unit: &str) -> (Cow<'_, str>, Cow<'_, str>) {
    let (main, per) = unit.split_once('/').unwrap_or((unit, ""));
    let known = |table: &[(&str, &'static str)], unit: &str| {
        table.iter().find(|(short, _)| *short == unit).map(|(_, long)| *long)
    };
    let is_written = |unit: &str| !unit.is_empty() && !unit.contains(['{', '}']);
    let (main, per) = (main.trim(), per.trim());
    let main = match main {
        "1" => Cow::Borrowed(""),
        _ if is_written(main) => Cow::Borrowed(known(&UNITS, main).unwrap_or(main)),
        _ => Cow::Borrowed(""),
    };
    let per = match is_written(per) {
        true => Cow::Owned(format!("per_{}", known(&UNITS_PER, per).unwrap_or(per))),
        false => Cow::Borrowed(""),
    };
    (main, per)
}

fn clean_unit(unit: &str) -> String {
    let escaped: String =
        unit.chars().map(|char| if is_metric_char(char) { char } else { '_' }).collect();
    let collapsed = collapse_underscores(&escaped);
    collapsed.strip_prefix('_').unwrap_or(&collapsed).to_owned()
}

fn collapse_underscores(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char != '_' || !out.ends_with('_') {
            out.push(char);
        }
    }
    out
}

fn words(name: &str, is_part: fn(char) -> bool) -> Vec<&str> {
    name.split(|char| !is_part(char)).filter(|word| !word.is_empty()).collect()
}

fn guard_digit(name: String) -> String {
    if name.starts_with(|char: char| char.is_ascii_digit()) { format!("_{name}") } else { name }
}

fn is_metric_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == ':'
}

fn is_metric_char_or_underscore(char: char) -> bool {
    is_metric_char(char) || char == '_'
}

#[cfg(test)]
mod tests {
    use super::TranslationStrategy::{
        NoTranslation, NoUTF8EscapingWithSuffixes, UnderscoreEscapingWithSuffixes,
        UnderscoreEscapingWithoutSuffixes,
    };
    use super::*;

    #[test]
    fn metrics_get_names_that_prometheus_knows() {
        use NameKind::{Counter, Gauge, Other};
        for (name, unit, kind, strategy, want) in [
            (
                "http.server.duration",
                "s",
                Other,
                UnderscoreEscapingWithSuffixes,
                "http_server_duration_seconds",
            ),
            ("requests", "{request}", Counter, UnderscoreEscapingWithSuffixes, "requests_total"),
            ("requests_total", "", Counter, UnderscoreEscapingWithSuffixes, "requests_total"),
            ("total.requests", "1", Counter, UnderscoreEscapingWithSuffixes, "requests_total"),
            ("usage", "1", Gauge, UnderscoreEscapingWithSuffixes, "usage_ratio"),
            ("io", "By/s", Gauge, UnderscoreEscapingWithSuffixes, "io_bytes_per_second"),
            ("io.bytes", "By", Counter, UnderscoreEscapingWithSuffixes, "io_bytes_total"),
            ("speed", "{rot}/min", Gauge, UnderscoreEscapingWithSuffixes, "speed_per_min"),
            ("a..b__c", "°F", Gauge, UnderscoreEscapingWithSuffixes, "a_b_c_F"),
            ("2xx", "", Other, UnderscoreEscapingWithSuffixes, "_2xx"),
            ("ns:a.b", "", Other, UnderscoreEscapingWithSuffixes, "ns:a_b"),
            ("http.requests", "s", Counter, UnderscoreEscapingWithoutSuffixes, "http_requests"),
            ("a__b..c", "s", Counter, UnderscoreEscapingWithoutSuffixes, "a__b_c"),
            (
                "http.requests",
                "s",
                Counter,
                NoUTF8EscapingWithSuffixes,
                "http.requests_seconds_total",
            ),
            ("x.total", "By/s", Counter, NoUTF8EscapingWithSuffixes, "x_bytes_per_second_total"),
            ("a.ratio", "1", Gauge, NoUTF8EscapingWithSuffixes, "a_ratio"),
            ("http.requests", "s", Counter, NoTranslation, "http.requests"),
        ] {
            assert_eq!(
                metric_name(name, unit, kind, strategy).as_deref(),
                Some(want),
                "{name} {unit}"
            );
        }
        for (name, strategy) in [
            ("", UnderscoreEscapingWithSuffixes),
            ("...", UnderscoreEscapingWithSuffixes),
            ("ä", UnderscoreEscapingWithoutSuffixes),
            ("", NoTranslation),
        ] {
            assert_eq!(metric_name(name, "", Other, strategy), None, "{name:?}");
        }
    }

    #[test]
    fn units_are_words() {
        for (unit, want) in [
            ("s", "seconds"),
            ("By/s", "bytes_per_second"),
            ("1", ""),
            ("{x}", ""),
            ("/h", "per_hour"),
        ] {
            assert_eq!(unit_name(unit, UnderscoreEscapingWithSuffixes), want);
        }
    }

    #[test]
    fn labels_get_names_that_prometheus_knows() {
        let config = OtlpConfig::default();
        for (key, want) in [
            ("http.method", "http_method"),
            ("method", "method"),
            ("2xx", "key_2xx"),
            ("_private", "key_private"),
            ("__reserved__", "__reserved__"),
            ("a..b", "a__b"),
        ] {
            assert_eq!(label_name(key, &config).as_deref(), Some(want));
        }
        assert_eq!(label_name("", &config), None);
        assert_eq!(label_name("ä", &config).as_deref(), Some("key_"));
        let collapsing = OtlpConfig {
            label_name_preserve_multiple_underscores: false,
            label_name_underscore_sanitization: false,
            ..OtlpConfig::default()
        };
        for (key, want) in [("a..b", "a_b"), ("_private", "_private"), ("__x__", "__x__")] {
            assert_eq!(label_name(key, &collapsing).as_deref(), Some(want));
        }
        let kept = OtlpConfig { translation_strategy: NoTranslation, ..OtlpConfig::default() };
        assert_eq!(label_name("a.b", &kept).as_deref(), Some("a.b"));
    }
}
