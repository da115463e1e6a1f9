//! Quoted strings, with Go's escapes.

/// The value of a quoted string.
///
/// # Errors
/// With the reason, where an escape is none or the bytes are no UTF-8.
pub(super) fn unquote(quoted: &str) -> Result<String, String> {
    let inner = &quoted[1..quoted.len() - 1];
    if quoted.starts_with('`') {
        return Ok(inner.replace('\r', ""));
    }
    if !inner.contains('\\') {
        return Ok(inner.to_owned());
    }
    let quote = quoted.as_bytes()[0];
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = escape(&rest[at + 1..], quote, &mut bytes)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).map_err(|_| "the string is not valid UTF-8".to_owned())
}

fn escape<'a>(text: &'a str, quote: u8, out: &mut Vec<u8>) -> Result<&'a str, String> {
    let first = text.bytes().next().unwrap_or(0);
    let byte = match first {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' => b'\\',
        c if c == quote => c,
        b'x' => return coded(text, 1, 2, 16, out),
        b'u' => return coded(text, 1, 4, 16, out),
        b'U' => return coded(text, 1, 8, 16, out),
        b'0'..=b'7' => return coded(text, 0, 3, 8, out),
        _ => {
            let found = text.chars().next().unwrap_or(' ');
            return Err(format!("unknown escape sequence {found:?}"));
        }
    };
    out.push(byte);
    Ok(&text[1..])
}

/// Digits of a code: a byte (`\x`, octal) or a character (`\u`, `\U`).
fn coded<'a>(
    text: &'a str,
    from: usize,
    digits: usize,
    radix: u32,
    out: &mut Vec<u8>,
) -> Result<&'a str, String> {
    let invalid =
        || format!("illegal escape sequence \\{}", text.chars().take(9).collect::<String>());
    let written = text.get(from..from + digits).ok_or_else(invalid)?;
    let code = u32::from_str_radix(written, radix).map_err(|_| invalid())?;
    if digits <= 3 {
        out.push(u8::try_from(code).map_err(|_| invalid())?);
    } else {
        let character = char::from_u32(code).ok_or_else(invalid)?;
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(&text[from + digits..])
}
