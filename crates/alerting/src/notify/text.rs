//! Texts brought to the lengths and forms that peers take.

use serde_json::Value as Json;

/// At most `max` characters; what was cut ends in an ellipsis.
pub(super) fn truncate_chars(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    match max {
        0..=3 => text.chars().take(max).collect(),
        _ => text.chars().take(max - 1).chain(['…']).collect(),
    }
}

/// At most `max` bytes; what was cut ends in an ellipsis.
pub(super) fn truncate_bytes(text: &str, max: usize) -> String {
    const ELLIPSIS: &str = "…";
    if text.len() <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(ELLIPSIS.len());
    let end = (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    match max < ELLIPSIS.len() {
        true => ".".repeat(max),
        false => format!("{}{ELLIPSIS}", &text[..end]),
    }
}

/// Percent-encodes for a part of a path or a form.
pub(super) fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A form's body.
pub(super) fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    form.finish()
}

/// Removes texts, lists and maps that are empty.
pub(super) fn drop_empty(value: &mut Json) {
    if let Json::Object(fields) = value {
        fields.retain(|_, field| match field {
            Json::String(text) => !text.is_empty(),
            Json::Array(items) => !items.is_empty(),
            Json::Object(map) => !map.is_empty(),
            _ => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(truncate_chars("abcdef", 6), "abcdef");
        assert_eq!(truncate_chars("abcdefg", 6), "abcde…");
        assert_eq!(truncate_chars("日本語日本", 4), "日本語…");
        assert_eq!(truncate_chars("abcdef", 2), "ab");
        assert_eq!(truncate_bytes("abcdef", 6), "abcdef");
        assert_eq!(truncate_bytes("abcdefg", 6), "abc…");
        assert_eq!(truncate_bytes("日本語", 7), "日…");
        assert_eq!(truncate_bytes("日本語", 2), "..");
        assert_eq!(encode("a b/ü"), "a%20b%2F%C3%BC");
    }
}
