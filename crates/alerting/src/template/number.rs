//! Constants: numbers, characters and quoted strings as Go writes them.

/// A number constant. Go's constants have no type until they are used, so one
/// may be both an integer and a floating point number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// As an integer, where it is one.
    pub(super) int: Option<i64>,
    /// As a floating point number.
    pub(super) float: f64,
    /// Whether it is written as a floating point number: `1.0`, `1e3`.
    pub(super) is_float: bool,
}

impl Number {
    /// Reads `12`, `-0x1F`, `1_000`, `1.5e3`; `None` where it is no number or
    /// does not fit.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = match text.as_bytes().first()? {
            b'-' => (-1i128, &text[1..]),
            b'+' => (1, &text[1..]),
            _ => (1, text),
        };
        if digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
            return None;
        }
        let plain = digits.replace('_', "");
        let lower = plain.to_ascii_lowercase();
        let radix = match lower.get(..2) {
            Some("0x") => Some((16, &lower[2..])),
            Some("0o") => Some((8, &lower[2..])),
            Some("0b") => Some((2, &lower[2..])),
            _ if lower.len() > 1
                && lower.starts_with('0')
                && lower.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Some((8, &lower[1..]))
            }
            _ => None,
        };
        if let Some((radix, digits)) = radix {
            let value = sign * i128::from_str_radix(digits, radix).ok()?;
            let int = i64::try_from(value).ok()?;
            return Some(Self { int: Some(int), float: int as f64, is_float: false });
        }
        let is_float = lower.contains(['.', 'e']);
        if !is_float {
            let int = i64::try_from(sign * lower.parse::<i128>().ok()?).ok()?;
            return Some(Self { int: Some(int), float: int as f64, is_float });
        }
        let float = sign as f64 * lower.parse::<f64>().ok()?;
        let is_whole = float.fract() == 0.0 && float.abs() < 9e18;
        Some(Self { int: is_whole.then_some(float as i64), float, is_float })
    }

    /// The number of a character constant such as `'a'`, with its quotes.
    pub(super) fn of_char(text: &str) -> Option<Self> {
        let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
        let unquoted = unescape(inner, '\'')?;
        let mut chars = unquoted.chars();
        let int = i64::from(u32::from(chars.next()?));
        chars.next().is_none().then_some(Self {
            int: Some(int),
            float: int as f64,
            is_float: false,
        })
    }
}

/// The text of a quoted string such as `"a\n"`, with its quotes.
pub(crate) fn unquote(text: &str) -> Option<String> {
    unescape(text.strip_prefix('"')?.strip_suffix('"')?, '"')
}

fn unescape(text: &str, quote: char) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == quote {
            return None;
        }
        if c != '\\' {
            push_char(&mut out, c);
            continue;
        }
        let escape = rest.chars().next()?;
        rest = &rest[escape.len_utf8()..];
        match escape {
            'a' => out.push(7),
            'b' => out.push(8),
            'f' => out.push(12),
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            'v' => out.push(11),
            '\\' => out.push(b'\\'),
            '\'' | '"' if escape == quote => push_char(&mut out, quote),
            'x' => out.push(take(&mut rest, 2, 16)? as u8),
            'u' => push_char(&mut out, char::from_u32(take(&mut rest, 4, 16)?)?),
            'U' => push_char(&mut out, char::from_u32(take(&mut rest, 8, 16)?)?),
            '0'..='7' => {
                let first = escape.to_digit(8)?;
                let value = first * 64 + take(&mut rest, 2, 8)?;
                out.push(u8::try_from(value).ok()?);
            }
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

fn push_char(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn take(rest: &mut &str, digits: usize, radix: u32) -> Option<u32> {
    let value = u32::from_str_radix(rest.get(..digits)?, radix).ok()?;
    *rest = &rest[digits..];
    Some(value)
}
