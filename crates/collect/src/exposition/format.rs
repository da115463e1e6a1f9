//! Characters of the text format: values, escapes, comment lines.

use std::fmt::Write;

use super::FamilyKind;

/// Beyond these, digits without an exponent are longer than with one.
const PLAIN_MIN: f64 = 1e-5;
const PLAIN_MAX: f64 = 1e17;

/// The shortest decimal that reads back as the same bits; `NaN`, `+Inf`, `-Inf`.
pub(super) fn write_value(out: &mut String, value: f64) {
    // Writing to a String can't fail.
    let _ = if value.is_nan() {
        out.write_str("NaN")
    } else if value.is_infinite() {
        out.write_str(if value > 0.0 { "+Inf" } else { "-Inf" })
    } else if value == 0.0 || (PLAIN_MIN..PLAIN_MAX).contains(&value.abs()) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    };
}

/// `name="value"`, behind a comma where labels stand before it.
pub(super) fn write_label(out: &mut String, name: &str, value: &str) {
    if !out.is_empty() {
        out.push(',');
    }
    out.push_str(name);
    out.push_str("=\"");
    write_escaped(out, value, true);
    out.push('"');
}

/// The `# HELP` and `# TYPE` lines of a family.
pub(super) fn write_help(out: &mut String, name: &str, help: &str, kind: FamilyKind) {
    out.push_str("# HELP ");
    out.push_str(name);
    out.push(' ');
    write_escaped(out, help, false);
    out.push_str("\n# TYPE ");
    out.push_str(name);
    out.push(' ');
    out.push_str(kind.as_str());
    out.push('\n');
}

/// A double quote is escaped in label values only ("Exposition formats").
fn write_escaped(out: &mut String, text: &str, is_value: bool) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if is_value => out.push_str("\\\""),
            c => out.push(c),
        }
    }
}
