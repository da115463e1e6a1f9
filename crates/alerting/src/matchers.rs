//! Matchers as Alertmanager's configuration, API and tools write them.
//!
//! Two syntaxes exist: the classic one, where a name is an identifier and a value
//! may stand without quotes, and the newer one, where a name may be any UTF-8.
//! As Alertmanager does by default, a text is read by the newer one, and by the
//! classic one where that fails or reads something else.

mod classic;
mod utf8;

use model::{MatchOp, Matcher};

/// The longest text that is read, in bytes.
const LENGTH_BYTES_MAX: usize = 64 << 10;

/// A text that is no matcher, or no list of matchers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad matcher format: {text}: {reason}")]
pub struct MatcherSyntaxError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads `a="b"`, `a=b, c=~"d.*"`, `{a!="b"}`.
///
/// # Errors
/// Where neither syntax can read it.
pub fn parse_matchers(text: &str) -> Result<Vec<Matcher>, MatcherSyntaxError> {
    let fault = |reason: String| MatcherSyntaxError { text: text.to_owned(), reason };
    if text.len() > LENGTH_BYTES_MAX {
        return Err(fault(format!("longer than {LENGTH_BYTES_MAX} bytes")));
    }
    match (utf8::parse(text), classic::parse(text)) {
        (Ok(read), Err(_)) => Ok(read),
        (_, Ok(read)) => Ok(read),
        (Err(reason), Err(_)) => Err(fault(reason)),
    }
}

/// A matcher of its parts; a value that should be an expression is compiled.
fn matcher(name: &str, op: MatchOp, value: &str) -> Result<Matcher, String> {
    Matcher::new(op, name, value).map_err(|error| error.to_string())
}

/// The operator at the start of `text`, and what is behind it.
fn operator(text: &str) -> Option<(MatchOp, &str)> {
    const OPERATORS: [MatchOp; 4] =
        [MatchOp::Regex, MatchOp::NotRegex, MatchOp::NotEqual, MatchOp::Equal];
    OPERATORS.into_iter().find_map(|op| Some((op, text.strip_prefix(op.as_str())?)))
}

/// Matchers as text: `{a="b",c=~"d"}`, the form of route keys.
pub fn show(matchers: &[Matcher]) -> String {
    let mut out = String::from("{");
    for (index, matcher) in matchers.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&show_one(matcher));
    }
    out.push('}');
    out
}

/// One matcher as text: `a="b"`.
pub fn show_one(matcher: &Matcher) -> String {
    let mut out = String::new();
    // Writing into a text does not fail.
    let _ = match model::labels::is_legacy_label_name(matcher.name()) {
        true => {
            out.push_str(matcher.name());
            Ok(())
        }
        false => model::labels::write_quoted(&mut out, matcher.name()),
    };
    out.push_str(matcher.op().as_str());
    let _ = model::labels::write_quoted(&mut out, matcher.value());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match parse_matchers(text) {
            Ok(matchers) => show(&matchers),
            Err(error) => format!("! {}", error.reason),
        }
    }

    #[test]
    fn both_syntaxes_are_read() {
        for (text, wanted) in [
            ("foo=bar", r#"{foo="bar"}"#),
            (r#"foo="bar""#, r#"{foo="bar"}"#),
            (r#" foo = "bar" "#, r#"{foo="bar"}"#),
            (r#"{foo="bar"}"#, r#"{foo="bar"}"#),
            (r#"{foo="bar",}"#, r#"{foo="bar"}"#),
            (r#"foo="bar", a!=b, c=~"d.*", e!~f"#, r#"{foo="bar",a!="b",c=~"d.*",e!~"f"}"#),
            ("foo=", r#"{foo=""}"#),
            (r#"foo="""#, r#"{foo=""}"#),
            ("{}", "{}"),
            ("", "{}"),
            ("foo=bar baz", r#"{foo="bar baz"}"#),
            (r#"foo="a,b",c=d"#, r#"{foo="a,b",c="d"}"#),
            (r#"foo="a\"b\\c\nd""#, "{foo=\"a\\\"b\\\\c\\nd\"}"),
            (r#"foo=~[a-z]+"#, r#"{foo=~"[a-z]+"}"#),
            (r#""foo bar"="x""#, r#"{"foo bar"="x"}"#),
            ("Σ=x", r#"{"Σ"="x"}"#),
            (r#""a.b"=~"c""#, r#"{"a.b"=~"c"}"#),
            (r#""b c"="x\ty\u00e9""#, "{\"b c\"=\"x\\tyé\"}"),
            (r#"a=~"\d+""#, r#"{a=~"\\d+"}"#),
            ("foo==", r#"{foo="="}"#),
            ("foo=🙂", r#"{foo="🙂"}"#),
            ("severity=~warning|critical", r#"{severity=~"warning|critical"}"#),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "foo",
            "=bar",
            "foo=~(",
            "{foo=bar",
            "foo=bar}",
            "foo=\"bar",
            "foo=bar\"",
            "foo=\"a\" b=\"c\"",
            "foo~bar",
            ",",
            "foo!bar",
            "\"\"=x",
            "{,}",
        ] {
            assert!(read(text).starts_with("! "), "{text} was read as {}", read(text));
        }
        assert!(read(&"a".repeat(LENGTH_BYTES_MAX + 1)).contains("longer than"));
    }
}
