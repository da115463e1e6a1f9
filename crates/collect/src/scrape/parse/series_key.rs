//! From `name{label="value"}` to labels.

use model::labels::{is_legacy_label_name, is_legacy_metric_name};
use model::{LabelsBuilder, METRIC_NAME};

use super::lexer::{clip, closing_quote, unescape};

/// Parses a series as it is written into `labels`, which comes cleared.
///
/// The metric's name may stand before the braces or, quoted, first inside of
/// them; a quoted label name may hold any character.
///
/// # Errors
/// A text with the reason: a name or value that is not closed, not quoted,
/// empty, or stands twice.
pub fn parse_series_key(key: &str, labels: &mut LabelsBuilder) -> Result<(), String> {
    let (name, set) = match key.find('{') {
        Some(open) => (key[..open].trim_end_matches([' ', '\t']), Some(&key[open + 1..])),
        None => (key, None),
    };
    if !name.is_empty() {
        if !is_legacy_metric_name(name) {
            return Err(format!("{:?} is not a valid metric name", clip(name)));
        }
        labels.set(METRIC_NAME, name);
    }
    set.map_or(Ok(()), |set| parse_label_set(set, labels))
}

/// Parses what follows an opening brace, up to the closing one.
fn parse_label_set(text: &str, labels: &mut LabelsBuilder) -> Result<(), String> {
    let mut rest = skip_blanks(text);
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return if skip_blanks(after).is_empty() {
                Ok(())
            } else {
                Err(format!("unexpected {:?} after the label set", clip(after)))
            };
        }
        let (name, is_quoted, after) = take_name(rest)?;
        rest = skip_blanks(after);
        if is_quoted && !rest.starts_with('=') {
            set_once(labels, METRIC_NAME, &name)?;
        } else {
            rest = rest
                .strip_prefix('=')
                .ok_or_else(|| format!("expected '=' after label name {name:?}"))?;
            let (value, after) = take_quoted(skip_blanks(rest))
                .ok_or_else(|| format!("expected a quoted value for label {name:?}"))?;
            set_once(labels, &name, &value)?;
            rest = after;
        }
        rest = skip_blanks(rest);
        rest = match rest.strip_prefix(',') {
            Some(after) => skip_blanks(after),
            None if rest.starts_with('}') => rest,
            None => return Err(format!("expected ',' or '}}', got {:?}", clip(rest))),
        };
    }
}

fn take_name(text: &str) -> Result<(String, bool, &str), String> {
    if text.starts_with('"') {
        let (name, after) =
            take_quoted(text).ok_or_else(|| "a quoted name is not closed".to_owned())?;
        return if name.is_empty() {
            Err("a label name is empty".to_owned())
        } else {
            Ok((name, true, after))
        };
    }
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if is_legacy_label_name(name) {
        Ok((name.to_owned(), false, after))
    } else {
        Err(format!("expected a label name, got {:?}", clip(text)))
    }
}

fn take_quoted(text: &str) -> Option<(String, &str)> {
    if !text.starts_with('"') {
        return None;
    }
    let close = closing_quote(text.as_bytes(), 0)?;
    let inner = &text[1..close];
    let value = if inner.contains('\\') { unescape(inner) } else { inner.to_owned() };
    Some((value, &text[close + 1..]))
}

fn set_once(labels: &mut LabelsBuilder, name: &str, value: &str) -> Result<(), String> {
    if labels.get(name).is_some() {
        return Err(format!("label {name:?} stands twice in one series"));
    }
    labels.set(name, value);
    Ok(())
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(key: &str) -> Result<String, String> {
        let mut labels = LabelsBuilder::default();
        parse_series_key(key, &mut labels).map(|()| labels.build().to_string())
    }

    #[test]
    fn keys_become_labels() {
        for (key, want) in [
            ("up", "up"),
            ("up{}", "up"),
            (r#"up{a="1",b="2"}"#, r#"up{a="1", b="2"}"#),
            (r#"up { a = "1" , b="2" , }"#, r#"up{a="1", b="2"}"#),
            (r#"up{a="x\"\\\n"}"#, r#"up{a="x\"\\\n"}"#),
            (r#"up{a="}{,="}"#, r#"up{a="}{,="}"#),
            (r#"{"my.name", "a.b"="c"}"#, r#"{"my.name", "a.b"="c"}"#),
            (r#"{"my.name"}"#, r#"{"my.name"}"#),
        ] {
            assert_eq!(parse(key).as_deref(), Ok(want), "{key}");
        }
    }

    #[test]
    fn malformed_keys_are_refused() {
        for key in [
            r#"up{a="1""#,
            r#"up{a=1}"#,
            r#"up{a}"#,
            r#"up{="1"}"#,
            r#"up{1a="1"}"#,
            r#"up{a="1" b="2"}"#,
            r#"up{a="1",a="2"}"#,
            r#"up{a="1"}x"#,
            r#"up{"other"}"#,
            r#"1up"#,
            r#"{""="1"}"#,
        ] {
            assert!(parse(key).is_err(), "{key}");
        }
    }
}
