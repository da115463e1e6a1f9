//! Numbers as Go's `%g` and `%v` print them, for texts and label values that
//! must be Prometheus'.

/// The shortest form that reads back the same; scientific below 1e-4 and from 1e6 on.
pub(crate) fn general(value: f64) -> String {
    special(value).unwrap_or_else(|| {
        let (negative, digits, exponent) = decompose(&format!("{value:e}"));
        render(negative, &digits, exponent, 6)
    })
}

/// With at most this many significant digits, as `%.2g` does.
pub(crate) fn general_digits(value: f64, significant: usize) -> String {
    special(value).unwrap_or_else(|| {
        let text = format!("{value:.*e}", significant.saturating_sub(1));
        let (negative, mut digits, exponent) = decompose(&text);
        while digits.len() > 1 && digits.ends_with('0') {
            digits.pop();
        }
        render(negative, &digits, exponent, significant as i32)
    })
}

/// Without an exponent: `strconv.FormatFloat(v, 'f', -1, 64)`.
pub(crate) fn plain(value: f64) -> String {
    special(value).unwrap_or_else(|| format!("{value}"))
}

/// As OpenMetrics writes a label value: `1.0` rather than `1`.
pub(crate) fn open_metrics(value: f64) -> String {
    let text = general(value);
    if value.is_finite() && !text.contains(['.', 'e']) { format!("{text}.0") } else { text }
}

fn special(value: f64) -> Option<String> {
    let text = if value.is_nan() {
        "NaN"
    } else if value == f64::INFINITY {
        "+Inf"
    } else if value == f64::NEG_INFINITY {
        "-Inf"
    } else {
        return None;
    };
    Some(text.to_owned())
}

/// Splits `-1.25e3` into sign, digits and exponent.
fn decompose(text: &str) -> (bool, String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    (text.starts_with('-'), digits, exponent.parse().unwrap_or(0))
}

fn render(negative: bool, digits: &str, exponent: i32, scientific_from: i32) -> String {
    let mut out = String::from(if negative { "-" } else { "" });
    if exponent < -4 || exponent >= scientific_from {
        out.push_str(&digits[..1]);
        if digits.len() > 1 {
            out.push('.');
            out.push_str(&digits[1..]);
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        out.push_str(&format!("e{sign}{:02}", exponent.abs()));
    } else if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        out.push_str(digits);
    } else {
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            out.push_str(digits);
            out.extend(std::iter::repeat_n('0', whole - digits.len()));
        } else {
            out.push_str(&digits[..whole]);
            out.push('.');
            out.push_str(&digits[whole..]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_prints_them() {
        for (value, text) in [
            (0.0, "0"),
            (1.5, "1.5"),
            (-2.0, "-2"),
            (100_000.0, "100000"),
            (1e6, "1e+06"),
            (1_234_567.5, "1.2345675e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.25e-7, "1.25e-07"),
            (f64::INFINITY, "+Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(general(value), text);
        }
        assert_eq!(general_digits(1.25, 2), "1.2");
        assert_eq!(general_digits(125.0, 2), "1.2e+02");
        assert_eq!(general_digits(2.0, 2), "2");
        assert_eq!(plain(1e21), "1000000000000000000000");
        assert_eq!(open_metrics(1.0), "1.0");
    }
}
