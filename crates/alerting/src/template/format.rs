//! `printf` and its kin: Go's verbs over template values.
//!
//! The rules are those of package `fmt`: a verb that does not suit its operand
//! becomes `%!verb(type=value)`, and no format is an error.

mod float;

use std::fmt::Write;

pub(super) use float::with_verb as float_with_verb;

use super::value::{TEXT_BYTES_MAX, Value};

/// The widest that a field may be, as in Go.
const WIDTH_MAX: usize = 1_000_000;

/// Writes a value as an action does: no value is `<no value>`.
pub(super) fn print_action(out: &mut String, value: &Value) {
    match value {
        Value::Nil => out.push_str("<no value>"),
        _ => print_value(out, value),
    }
}

/// Writes a value as `%v` does.
pub(super) fn print_value(out: &mut String, value: &Value) {
    operand(out, value, &Spec { verb: 'v', ..Spec::default() });
}

/// `fmt.Sprint`: a space stands between operands of which neither is a text.
pub(super) fn sprint(args: &[Value]) -> String {
    let mut out = String::new();
    for (index, arg) in args.iter().enumerate() {
        let is_text = |value: &Value| matches!(value, Value::String(_));
        if index > 0 && !is_text(arg) && !is_text(&args[index - 1]) {
            out.push(' ');
        }
        print_value(&mut out, arg);
    }
    out
}

/// `fmt.Sprintln`: spaces between all operands, and a line's end.
pub(super) fn sprintln(args: &[Value]) -> String {
    let mut out = String::new();
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        print_value(&mut out, arg);
    }
    out.push('\n');
    out
}

/// A verb with its flags.
#[derive(Clone, Debug, Default)]
struct Spec {
    verb: char,
    plus: bool,
    /// `%+v`: names of fields; no sign before numbers.
    names_fields: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// `fmt.Sprintf`.
pub(super) fn sprintf(format: &str, args: &[Value]) -> String {
    Printer { args, next: 0, out: String::new(), was_reordered: false, has_bad_index: false }
        .run(format)
}

struct Printer<'a> {
    args: &'a [Value],
    next: usize,
    out: String,
    was_reordered: bool,
    has_bad_index: bool,
}

impl Printer<'_> {
    fn run(mut self, format: &str) -> String {
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            self.out.push_str(&rest[..at]);
            rest = self.verb(&rest[at + 1..]);
        }
        self.out.push_str(rest);
        if !self.was_reordered && self.next < self.args.len() {
            self.extra();
        }
        self.out
    }

    /// Writes one verb; what stands behind it.
    fn verb<'f>(&mut self, format: &'f str) -> &'f str {
        let mut spec = Spec::default();
        self.has_bad_index = false;
        let mut rest = format;
        while let Some(flag) = rest.chars().next() {
            match flag {
                '+' => spec.plus = true,
                '-' => spec.minus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                '0' => spec.zero = true,
                _ => break,
            }
            rest = &rest[1..];
        }
        rest = self.index(rest);
        (spec.width, rest) = self.number(rest, "BADWIDTH", &mut spec.minus);
        if let Some(after) = rest.strip_prefix('.') {
            rest = self.index(after);
            let mut is_negative = false;
            (spec.precision, rest) = self.number(rest, "BADPREC", &mut is_negative);
            spec.precision = (!is_negative).then_some(spec.precision.unwrap_or(0));
        }
        rest = self.index(rest);
        let Some(verb) = rest.chars().next() else {
            self.out.push_str("%!(NOVERB)");
            return rest;
        };
        spec.verb = verb;
        if verb == 'v' {
            spec.names_fields = std::mem::take(&mut spec.plus);
        }
        rest = &rest[verb.len_utf8()..];
        if verb == '%' {
            self.out.push('%');
        } else if self.has_bad_index {
            let _ = write!(self.out, "%!{verb}(BADINDEX)");
        } else if let Some(arg) = self.args.get(self.next) {
            self.next += 1;
            operand(&mut self.out, arg, &spec);
        } else {
            let _ = write!(self.out, "%!{verb}(MISSING)");
        }
        rest
    }

    /// `[3]` before a verb, width or precision.
    fn index<'f>(&mut self, rest: &'f str) -> &'f str {
        let Some((number, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) else {
            return rest;
        };
        self.was_reordered = true;
        let number = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        match number.filter(|number| *number < self.args.len()) {
            Some(number) => self.next = number,
            None => self.has_bad_index = true,
        }
        after
    }

    /// A width or precision, written or taken from the arguments by `*`.
    fn number<'f>(
        &mut self,
        rest: &'f str,
        fault: &str,
        is_negative: &mut bool,
    ) -> (Option<usize>, &'f str) {
        if let Some(after) = rest.strip_prefix('*') {
            let arg = self.args.get(self.next);
            self.next += 1;
            let number = match arg {
                Some(Value::Int(n)) => {
                    *is_negative |= *n < 0;
                    usize::try_from(n.unsigned_abs()).ok().filter(|n| *n <= WIDTH_MAX)
                }
                _ => None,
            };
            if number.is_none() {
                let _ = write!(self.out, "%!({fault})");
            }
            return (number, after);
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        (number.parse().ok().filter(|n| *n <= WIDTH_MAX), after)
    }

    fn extra(&mut self) {
        self.out.push_str("%!(EXTRA ");
        for index in self.next..self.args.len() {
            if index > self.next {
                self.out.push_str(", ");
            }
            let arg = &self.args[index];
            if matches!(arg, Value::Nil) {
                self.out.push_str("<nil>");
                continue;
            }
            let _ = write!(self.out, "{}=", arg.type_name());
            print_value(&mut self.out, arg);
        }
        self.out.push(')');
    }
}

fn operand(out: &mut String, value: &Value, spec: &Spec) {
    // It is too long already, and will be refused as a whole.
    if out.len() > TEXT_BYTES_MAX {
        return;
    }
    if spec.verb == 'T' {
        return pad(out, value.type_name(), spec);
    }
    match value {
        Value::Nil => match spec.verb {
            'v' => pad(out, "<nil>", spec),
            verb => {
                let _ = write!(out, "%!{verb}(<nil>)");
            }
        },
        Value::Bool(truth) => match spec.verb {
            't' | 'v' => pad(out, if *truth { "true" } else { "false" }, spec),
            _ => bad_verb(out, value, spec),
        },
        Value::Int(int) => integer(out, value, *int, spec),
        Value::Float(float) => match spec.verb {
            'v' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => floating(out, *float, spec),
            _ => bad_verb(out, value, spec),
        },
        Value::String(text) | Value::Safe(_, text) => string(out, value, text, spec),
        Value::Duration(ns) => match spec.verb {
            'v' | 's' | 'q' | 'x' | 'X' => {
                string(out, value, &super::duration::go_text(*ns), spec);
            }
            _ => integer(out, value, *ns, spec),
        },
        Value::Time(time) => string(out, value, &time.to_string(), spec),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                operand(out, item, spec);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push_str("map[");
            for (index, (name, item)) in map.entries.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                operand(out, &Value::String(name.clone()), spec);
                out.push(':');
                operand(out, item, spec);
            }
            out.push(']');
        }
        Value::Struct(object) => {
            out.push('{');
            for (index, (name, item)) in object.fields.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                if spec.names_fields {
                    let _ = write!(out, "{name}:");
                }
                operand(out, item, spec);
            }
            out.push('}');
        }
    }
}

fn bad_verb(out: &mut String, value: &Value, spec: &Spec) {
    let _ = write!(out, "%!{}({}=", spec.verb, value.type_name());
    print_value(out, value);
    out.push(')');
}

fn string(out: &mut String, value: &Value, text: &str, spec: &Spec) {
    let cut = match spec.precision {
        Some(max) if !matches!(spec.verb, 'x' | 'X') => {
            let end = text.char_indices().nth(max).map_or(text.len(), |(at, _)| at);
            &text[..end]
        }
        Some(max) => text.get(..max).unwrap_or(text),
        None => text,
    };
    match spec.verb {
        'v' if spec.sharp => pad(out, &quoted(cut), spec),
        'v' | 's' => pad(out, cut, spec),
        'q' if spec.sharp && !cut.contains(['`', '\n']) => pad(out, &format!("`{cut}`"), spec),
        'q' => pad(out, &quoted(cut), spec),
        'x' | 'X' => {
            let mut hex = String::with_capacity(cut.len() * 2);
            for byte in cut.bytes() {
                if spec.space && !hex.is_empty() {
                    hex.push(' ');
                }
                let _ = match spec.verb {
                    'x' => write!(hex, "{byte:02x}"),
                    _ => write!(hex, "{byte:02X}"),
                };
            }
            pad(out, &hex, spec);
        }
        _ => bad_verb(out, value, spec),
    }
}

/// A text as Go quotes it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        quote_char(&mut out, c, '"');
    }
    out.push('"');
    out
}

fn quote_char(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{b}' => out.push_str("\\v"),
        '\u{c}' => out.push_str("\\f"),
        _ if c == quote => {
            out.push('\\');
            out.push(c);
        }
        _ if c.is_ascii_control() => {
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        _ if c.is_control() => {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
        _ => out.push(c),
    }
}

fn integer(out: &mut String, value: &Value, int: i64, spec: &Spec) {
    let magnitude = int.unsigned_abs();
    let (prefix, digits) = match spec.verb {
        'd' | 'v' => ("", magnitude.to_string()),
        'b' => (if spec.sharp { "0b" } else { "" }, format!("{magnitude:b}")),
        'o' => (if spec.sharp { "0" } else { "" }, format!("{magnitude:o}")),
        'O' => ("0o", format!("{magnitude:o}")),
        'x' => (if spec.sharp { "0x" } else { "" }, format!("{magnitude:x}")),
        'X' => (if spec.sharp { "0X" } else { "" }, format!("{magnitude:X}")),
        'c' => return pad(out, &character(int).to_string(), spec),
        'q' => {
            let mut quoted = String::from("'");
            quote_char(&mut quoted, character(int), '\'');
            quoted.push('\'');
            return pad(out, &quoted, spec);
        }
        'U' => return pad(out, &format!("U+{magnitude:04X}"), spec),
        _ => return bad_verb(out, value, spec),
    };
    let sign = sign(int < 0, spec);
    let mut digits = digits;
    if let Some(precision) = spec.precision {
        // No digits at all is how Go writes zero with precision zero.
        if precision == 0 && int == 0 {
            digits.clear();
        }
        digits.insert_str(0, &"0".repeat(precision.saturating_sub(digits.len())));
    } else if let (true, false, Some(width)) = (spec.zero, spec.minus, spec.width) {
        let zeros = width.saturating_sub(digits.len() + sign.len());
        digits.insert_str(0, &"0".repeat(zeros));
    }
    let plain = Spec { zero: false, ..spec.clone() };
    pad(out, &format!("{sign}{prefix}{digits}"), &plain);
}

fn character(int: i64) -> char {
    u32::try_from(int).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn sign(is_negative: bool, spec: &Spec) -> &'static str {
    match (is_negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

fn floating(out: &mut String, value: f64, spec: &Spec) {
    let verb = if spec.verb == 'v' { 'g' } else { spec.verb };
    let text = float_with_verb(value.abs(), verb, spec.precision);
    let is_negative = value.is_sign_negative() && !value.is_nan();
    let sign = match sign(is_negative, spec) {
        // Infinity keeps its sign in print.
        "" if value.is_infinite() => "+",
        sign => sign,
    };
    let mut digits = text.trim_start_matches('+').to_owned();
    if let (true, false, Some(width), true) = (spec.zero, spec.minus, spec.width, value.is_finite())
    {
        digits.insert_str(0, &"0".repeat(width.saturating_sub(digits.len() + sign.len())));
    }
    pad(out, &format!("{sign}{digits}"), &Spec { zero: false, ..spec.clone() });
}

fn pad(out: &mut String, text: &str, spec: &Spec) {
    let missing = spec.width.map_or(0, |width| width.saturating_sub(text.chars().count()));
    let fill = if spec.zero && !spec.minus { '0' } else { ' ' };
    if !spec.minus {
        out.extend(std::iter::repeat_n(fill, missing));
    }
    out.push_str(text);
    if spec.minus {
        out.extend(std::iter::repeat_n(fill, missing));
    }
}
