//! Numbers and durations: where they end, and what they are worth.

use model::PromDuration;

/// How far a number or duration reaches, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scanned {
    Number(usize),
    Duration(usize),
    /// It is neither; so many bytes were looked at.
    Neither(usize),
}

/// Scans the number or duration that `text` starts with.
pub(super) fn scan(text: &str) -> Scanned {
    let bytes = text.as_bytes();
    let mut scan = Scan { bytes, at: 0 };
    if scan.number() {
        return Scanned::Number(scan.at);
    }
    if scan.rest_of_duration() { Scanned::Duration(scan.at) } else { Scanned::Neither(scan.at) }
}

/// The value of a scanned number: decimal, hexadecimal or octal as in Go (a
/// leading zero makes an integer octal where its digits allow), with `_` between
/// digits, `Inf` or `NaN` in any case.
pub(super) fn value(text: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let lower = plain.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(|integer| integer as f64);
    }
    let is_octal = lower.len() > 1 && lower.starts_with('0');
    if is_octal && let Ok(integer) = i64::from_str_radix(&lower, 8) {
        return Some(integer as f64);
    }
    lower.parse().ok()
}

/// The seconds of a scanned duration.
///
/// # Errors
/// The reason why it is none.
pub(super) fn duration_seconds(text: &str) -> Result<f64, String> {
    let duration = PromDuration::parse(text).map_err(|error| error.to_string())?;
    let seconds = duration.as_secs_f64();
    if is_out_of_range(seconds) {
        return Err("duration out of range".to_owned());
    }
    Ok(seconds)
}

/// Whether the nanoseconds need more than 63 bits, which Prometheus counts in.
pub(super) fn is_out_of_range(seconds: f64) -> bool {
    seconds.is_nan() || seconds.abs() > (1u64 << 63) as f64 / 1e9
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn number(&mut self) -> bool {
        let is_hex = self.bytes.first() == Some(&b'0')
            && self.bytes.get(1).is_some_and(|b| matches!(b, b'x' | b'X'));
        if is_hex {
            self.at = 2;
            self.accept(|b| b == b'_');
        }
        let digit = |b: u8| if is_hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
        let (mut dots, mut exponents) = (0, 0);
        let start = self.at;
        while let Some(next) = self.peek() {
            if digit(next) {
                self.at += 1;
            } else if next == b'.' {
                self.at += 1;
                dots += 1;
                if dots > 1 || is_hex || self.accept(|b| matches!(b, b'_' | b'.')) {
                    return false;
                }
            } else if matches!(next, b'e' | b'E') {
                self.at += 1;
                exponents += 1;
                self.accept(|b| matches!(b, b'+' | b'-'));
                if exponents > 1 || !self.peek().is_some_and(|b| b.is_ascii_digit()) {
                    return false;
                }
            } else if next == b'_' {
                self.at += 1;
                if !self.peek().is_some_and(digit) {
                    return false;
                }
            } else {
                break;
            }
        }
        self.at > start && !self.peek().is_some_and(is_name_byte)
    }

    /// Units and further numbers, behind a first number.
    fn rest_of_duration(&mut self) -> bool {
        let mut units = "smhdwy";
        loop {
            if !self.accept(|b| units.as_bytes().contains(&b)) {
                return false;
            }
            self.accept(|b| b == b's');
            if !self.accept(|b| b.is_ascii_digit()) {
                break;
            }
            while self.accept(|b| b.is_ascii_digit()) {}
            units = "smhdw";
        }
        !self.peek().is_some_and(is_name_byte)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn accept(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let found = self.peek().is_some_and(wanted);
        self.at += usize::from(found);
        found
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_worth_what_go_says() {
        for (text, expected) in [
            ("0", 0.0),
            ("1", 1.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("1E-2", 0.01),
            ("0x1F", 31.0),
            ("0x_1_0", 16.0),
            ("010", 8.0),
            ("08", 8.0),
            ("010.5", 10.5),
            ("1_000", 1000.0),
            ("1_000.5_5", 1000.55),
            ("Inf", f64::INFINITY),
            ("1e400", f64::INFINITY),
        ] {
            if text != "Inf" {
                assert_eq!(scan(text), Scanned::Number(text.len()), "{text}");
            }
            assert_eq!(value(text), Some(expected), "{text}");
        }
        assert!(value("nAn").is_some_and(f64::is_nan));
    }

    #[test]
    fn what_ends_wrongly_is_no_number() {
        for text in
            ["1..2", "1.2.3", "1__0", "1_", "1e", "1e+", "1e2e3", "0x1.8", "5x", "1._0", "0x"]
        {
            assert!(matches!(scan(text), Scanned::Neither(_)), "{text}: {:?}", scan(text));
        }
    }

    #[test]
    fn durations_end_behind_their_last_unit() {
        assert_eq!(scan("5m]"), Scanned::Duration(2));
        assert_eq!(scan("1h30m10s5ms)"), Scanned::Duration(11));
        assert_eq!(scan("1y2w "), Scanned::Duration(4));
        assert!(matches!(scan("5mm"), Scanned::Neither(_)));
        assert!(matches!(scan("1h2y"), Scanned::Neither(_)));
        assert_eq!(duration_seconds("1h30m"), Ok(5400.0));
        assert!(duration_seconds("5m1h").is_err());
        assert_eq!(duration_seconds("300y"), Err("duration out of range".to_owned()));
    }
}
