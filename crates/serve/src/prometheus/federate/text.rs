//! Text format 0.0.4. Native histograms have no form in it and are left out.

use std::fmt::Write;

use model::LabelsRef;
use model::labels::{is_legacy_label_name, is_legacy_metric_name, write_quoted};

use super::{Newest, Value, written_labels};

/// Writes all samples. Names outside of the classic character set are quoted
/// where the scraper says that it can read that; otherwise `_` replaces what
/// does not fit.
pub(super) fn encode(samples: &[Newest], external: &LabelsRef, quotes_names: bool) -> String {
    let mut out = String::new();
    let mut family = None;
    for sample in samples {
        let Value::Float(value) = sample.value else { continue };
        let name = sample.labels.metric_name().unwrap_or("");
        if family != Some(name) {
            family = Some(name);
            out.push_str("# TYPE ");
            write_name(name, is_legacy_metric_name(name), quotes_names, &mut out);
            out.push_str(" untyped\n");
        }
        write_series(name, &sample.labels, external, quotes_names, &mut out);
        out.push(' ');
        write_float(value, &mut out);
        let _ = writeln!(out, " {}", sample.at.as_millis());
    }
    out
}

fn write_series(
    name: &str,
    labels: &LabelsRef,
    external: &LabelsRef,
    quotes_names: bool,
    out: &mut String,
) {
    let is_legacy = is_legacy_metric_name(name);
    let stands_inside = quotes_names && !is_legacy;
    if !stands_inside {
        write_name(name, is_legacy, quotes_names, out);
    }
    out.push('{');
    if stands_inside {
        write_name(name, is_legacy, quotes_names, out);
    }
    for (index, (label, value)) in written_labels(labels, external).enumerate() {
        if index > 0 || stands_inside {
            out.push(',');
        }
        write_name(label, is_legacy_label_name(label), quotes_names, out);
        out.push_str("=\"");
        for char in value.chars() {
            match char {
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                other => out.push(other),
            }
        }
        out.push('"');
    }
    out.push('}');
}

fn write_name(name: &str, is_legacy: bool, quotes_names: bool, out: &mut String) {
    if is_legacy {
        out.push_str(name);
    } else if quotes_names {
        let _ = write_quoted(out, name);
    } else {
        let fits = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == ':';
        let starts_with_digit = name.starts_with(|char: char| char.is_ascii_digit());
        out.extend(starts_with_digit.then_some('_'));
        out.extend(name.chars().map(|char| if fits(char) { char } else { '_' }));
    }
}

/// As Go's `%g` with the fewest digits: exponents are written below -4 and from 6 on.
fn write_float(value: f64, out: &mut String) {
    if !value.is_finite() {
        let text = if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        out.push_str(text);
        return;
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let _ = if (-4..6).contains(&exponent) {
        write!(out, "{value}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "{mantissa}e{sign}{:02}", exponent.abs())
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_go_does() {
        for (value, want) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (361.0, "361"),
            (1_795_247_560.33, "1.79524756033e+09"),
            (999_999.5, "999999.5"),
            (1e6, "1e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e300, "1e+300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            let mut out = String::new();
            write_float(value, &mut out);
            assert_eq!(out, want);
        }
    }
}
