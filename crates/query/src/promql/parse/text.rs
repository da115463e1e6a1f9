//! Quoted texts: `"…"` and `'…'` with Go's escapes, `` `…` `` without any.

/// How many bytes the quoted text at the start of `text` takes, quotes included.
///
/// # Errors
/// The reason where it does not end or has an escape that does not exist.
pub(super) fn scan(text: &str, quote: char) -> Result<usize, String> {
    let mut chars = text.char_indices().skip(1);
    if quote == '`' {
        return chars
            .find(|(_, c)| *c == '`')
            .map(|(at, _)| at + 1)
            .ok_or_else(|| "unterminated raw string".to_owned());
    }
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => break,
            '\\' => {
                escape(&mut || chars.next().map(|(_, c)| c), quote)?;
            }
            c if c == quote => return Ok(at + 1),
            _ => {}
        }
    }
    Err("unterminated quoted string".to_owned())
}

/// What a quoted text says; bytes that are no UTF-8 (`\xff`) become U+FFFD.
///
/// # Errors
/// Where `quoted` is not one whole quoted text.
pub fn unquote(quoted: &str) -> Result<String, String> {
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let quote = quote.ok_or_else(|| "text without quotes".to_owned())?;
    if scan(quoted, quote)? != quoted.len() {
        return Err("text behind the closing quote".to_owned());
    }
    let inner = &quoted[1..quoted.len() - 1];
    if quote == '`' || !inner.contains('\\') {
        return Ok(inner.to_owned());
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let escaped = match c {
            '\\' => escape(&mut || chars.next(), quote)?,
            c => Escaped::Char(c),
        };
        match escaped {
            Escaped::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Escaped::Byte(byte) => bytes.push(byte),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

enum Escaped {
    Char(char),
    Byte(u8),
}

/// Reads what follows a backslash.
fn escape(next: &mut impl FnMut() -> Option<char>, quote: char) -> Result<Escaped, String> {
    let not_terminated = || "escape sequence not terminated".to_owned();
    let first = next().ok_or_else(not_terminated)?;
    let (digits, base) = match first {
        'a' => return Ok(Escaped::Byte(7)),
        'b' => return Ok(Escaped::Byte(8)),
        'f' => return Ok(Escaped::Byte(12)),
        'n' => return Ok(Escaped::Byte(b'\n')),
        'r' => return Ok(Escaped::Byte(b'\r')),
        't' => return Ok(Escaped::Byte(b'\t')),
        'v' => return Ok(Escaped::Byte(11)),
        c if c == '\\' || c == quote => return Ok(Escaped::Char(c)),
        '0'..='7' => (2, 8),
        'x' => (2, 16),
        'u' => (4, 16),
        'U' => (8, 16),
        c => return Err(format!("unknown escape sequence {}", code_point(c))),
    };
    let mut code = first.to_digit(base).filter(|_| base == 8).unwrap_or(0);
    for _ in 0..digits {
        let c = next().ok_or_else(not_terminated)?;
        let digit = c.to_digit(base);
        let digit = digit
            .ok_or_else(|| format!("illegal character {} in escape sequence", code_point(c)))?;
        code = code.saturating_mul(base).saturating_add(digit);
    }
    let invalid = || "escape sequence is an invalid Unicode code point".to_owned();
    if digits == 2 {
        u8::try_from(code).map(Escaped::Byte).map_err(|_| invalid())
    } else {
        char::from_u32(code).map(Escaped::Char).ok_or_else(invalid)
    }
}

fn code_point(c: char) -> String {
    format!("U+{:04X} {c:?}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_go() {
        for (quoted, text) in [
            (r#""""#, ""),
            (r#""a\n\t\"\\""#, "a\n\t\"\\"),
            (r"'it\'s'", "it's"),
            (r#"'"'"#, "\""),
            (r"`a\n\b`", r"a\n\b"),
            (r#""\x41\101\u00e4\U0001F600""#, "AAä😀"),
            (r#""\xc3\xa4""#, "ä"),
            (r#""\xff""#, "\u{fffd}"),
        ] {
            assert_eq!(unquote(quoted).as_deref(), Ok(text), "{quoted}");
        }
    }

    #[test]
    fn faults_are_named() {
        for (quoted, reason) in [
            ("\"a", "unterminated quoted string"),
            ("\"a\nb\"", "unterminated quoted string"),
            ("`a", "unterminated raw string"),
            (r#""\q""#, "unknown escape sequence U+0071 'q'"),
            (r#""\'""#, "unknown escape sequence U+0027 '\\''"),
            (r#""\x4"#, "escape sequence not terminated"),
            (r#""\x4g""#, "illegal character U+0067 'g' in escape sequence"),
            (r#""\ud800""#, "escape sequence is an invalid Unicode code point"),
            (r#""\777""#, "escape sequence is an invalid Unicode code point"),
        ] {
            assert_eq!(unquote(quoted), Err(reason.to_owned()), "{quoted}");
        }
    }
}
