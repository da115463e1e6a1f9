//! Floating point numbers as Go prints them.

/// `value` by one of the verbs `e E f F g G`; no precision is the shortest that
/// reads back for `g`, and 6 digits for the others.
pub(in super::super) fn with_verb(value: f64, verb: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    match verb {
        'f' | 'F' => format!("{:.*}", precision.unwrap_or(6), value),
        'e' => exponent(value, Some(precision.unwrap_or(6))),
        'E' => exponent(value, Some(precision.unwrap_or(6))).to_uppercase(),
        'G' => shortest_or_digits(value, precision).to_uppercase(),
        _ => shortest_or_digits(value, precision),
    }
}

/// `1.5e+06`; the exponent has two digits at least.
fn exponent(value: f64, precision: Option<usize>) -> String {
    let text = match precision {
        Some(precision) => format!("{value:.precision$e}"),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// `%g`: with an exponent where it is less than -4 or not less than the precision.
fn shortest_or_digits(value: f64, precision: Option<usize>) -> String {
    if value == 0.0 {
        return if value.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    // Precision 0 is as good as 1: one digit is the least.
    let precision = precision.map(|digits| digits.max(1));
    let scientific = match precision {
        Some(digits) => format!("{:.*e}", digits - 1, value),
        None => format!("{value:e}"),
    };
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let mantissa = match mantissa.contains('.') {
        true => mantissa.trim_end_matches('0').trim_end_matches('.'),
        false => mantissa,
    };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count() as i32;
    let limit = match precision {
        Some(wanted) if wanted as i32 > digits && digits > power => digits,
        Some(wanted) => wanted as i32,
        None => 6,
    };
    if power < -4 || power >= limit {
        let (sign, power) = if power < 0 { ('-', -power) } else { ('+', power) };
        return format!("{mantissa}e{sign}{power:02}");
    }
    if precision.is_none() {
        return value.to_string();
    }
    let decimals = usize::try_from(digits - 1 - power).unwrap_or(0);
    format!("{value:.decimals$}")
}
