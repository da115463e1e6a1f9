//! Native histograms written down: `{{schema:1 count:3 sum:4.5 buckets:[1 2]}}`.

use model::Histogram;
use model::histogram::{Buckets, CountFlavor, ResetHint};

use super::{NotationError, parse_number};

/// A written histogram.
pub(super) struct Written {
    pub(super) histogram: Histogram,
    /// Whether it names a counter reset hint.
    pub(super) names_hint: bool,
}

/// Reads the histogram at the start of `text`; gives what follows.
pub(super) fn parse(text: &str) -> Result<(Written, &str), NotationError> {
    let fault = |reason: &str| NotationError::new(reason, text);
    let inner = text.strip_prefix("{{").ok_or_else(|| fault("expected a histogram"))?;
    let end = inner.find("}}").ok_or_else(|| fault("histogram without closing braces"))?;
    let (inner, rest) = (&inner[..end], &inner[end + 2..]);
    let mut written = Written { histogram: Histogram::new(0), names_hint: false };
    written.histogram.flavor = CountFlavor::Float;
    let mut sides = [Side::default(), Side::default()];
    let mut seen: Vec<&str> = Vec::new();
    let mut fields = inner.trim_start();
    while !fields.is_empty() {
        let colon = fields.find(':').ok_or_else(|| fault("missing `:` in histogram"))?;
        let (name, value) = (&fields[..colon], &fields[colon + 1..]);
        if seen.contains(&name) {
            return Err(fault(&format!("duplicate key {name:?} in histogram")));
        }
        seen.push(name);
        fields = field(&mut written, &mut sides, name, value)?.trim_start();
    }
    let [positive, negative] = sides;
    written.histogram.positive = positive.into_buckets();
    written.histogram.negative = negative.into_buckets();
    Ok((written, rest))
}

#[derive(Default)]
struct Side {
    offset: i32,
    counts: Vec<f64>,
}

impl Side {
    fn into_buckets(self) -> Buckets {
        let mut buckets = Buckets::default();
        for (index, count) in (self.offset..).zip(self.counts) {
            buckets.push(index, count);
        }
        buckets
    }
}

/// Reads the value of one field; gives what follows.
fn field<'t>(
    written: &mut Written,
    sides: &mut [Side; 2],
    name: &str,
    value: &'t str,
) -> Result<&'t str, NotationError> {
    let histogram = &mut written.histogram;
    let number = || parse_number(value);
    let (target, (number, rest)) = match name {
        "sum" => (&mut histogram.sum, number()?),
        "count" => (&mut histogram.count, number()?),
        "z_bucket" => (&mut histogram.zero_count, number()?),
        "z_bucket_w" => (&mut histogram.zero_threshold, number()?),
        "schema" => {
            let (schema, rest) = integer(value)?;
            histogram.schema =
                i8::try_from(schema).map_err(|_| NotationError::new("no such schema", value))?;
            return Ok(rest);
        }
        "offset" | "n_offset" => {
            let (offset, rest) = integer(value)?;
            sides[usize::from(name == "n_offset")].offset = offset;
            return Ok(rest);
        }
        "buckets" | "n_buckets" | "custom_values" => {
            let (list, rest) = list(value)?;
            match name {
                "buckets" => sides[0].counts = list,
                "n_buckets" => sides[1].counts = list,
                _ => histogram.custom_bounds = list,
            }
            return Ok(rest);
        }
        "counter_reset_hint" => {
            let end = value.find(char::is_whitespace).unwrap_or(value.len());
            histogram.reset_hint = match &value[..end] {
                "unknown" => ResetHint::Unknown,
                "reset" => ResetHint::Reset,
                "not_reset" => ResetHint::NotReset,
                "gauge" => ResetHint::Gauge,
                _ => return Err(NotationError::new("no such counter_reset_hint", value)),
            };
            written.names_hint = true;
            return Ok(&value[end..]);
        }
        _ => return Err(NotationError::new("bad histogram descriptor found", name)),
    };
    *target = number;
    Ok(rest)
}

fn integer(text: &str) -> Result<(i32, &str), NotationError> {
    let (number, rest) = parse_number(text)?;
    if number.fract() != 0.0 || number.abs() > f64::from(i32::MAX) {
        return Err(NotationError::new("expected an integer", text));
    }
    Ok((number as i32, rest))
}

/// `[1 2 3]`
fn list(text: &str) -> Result<(Vec<f64>, &str), NotationError> {
    let unclosed = || NotationError::new("expected [numbers]", text);
    let inner = text.strip_prefix('[').ok_or_else(unclosed)?;
    let end = inner.find(']').ok_or_else(unclosed)?;
    let numbers = inner[..end].split_whitespace().map(|word| match parse_number(word)? {
        (number, "") => Ok(number),
        (_, rest) => Err(NotationError::new("expected a number", rest)),
    });
    Ok((numbers.collect::<Result<_, _>>()?, &inner[end + 1..]))
}

/// `a + sign * b`, in the resolution of `a`.
pub(super) fn add(a: &Histogram, b: &Histogram, sign: f64) -> Result<Histogram, String> {
    if a.schema > b.schema || a.uses_custom_buckets() != b.uses_custom_buckets() {
        return Err(format!(
            "error combining histograms: cannot merge from schema {} to {}",
            b.schema, a.schema
        ));
    }
    if a.custom_bounds != b.custom_bounds || a.zero_threshold != b.zero_threshold {
        return Err("histograms with different bounds or zero buckets have no sum here".into());
    }
    let mut sum = a.clone();
    sum.zero_count += sign * b.zero_count;
    sum.count += sign * b.count;
    sum.sum += sign * b.sum;
    let coarser = u32::from(a.schema.abs_diff(b.schema));
    sum.positive = add_buckets(&a.positive, &b.positive, coarser, sign);
    sum.negative = add_buckets(&a.negative, &b.negative, coarser, sign);
    Ok(sum)
}

fn add_buckets(a: &Buckets, b: &Buckets, coarser: u32, sign: f64) -> Buckets {
    let mut counts: std::collections::BTreeMap<i32, f64> = a.iter().collect();
    for (index, count) in b.iter() {
        // Bucket i of schema s lies in bucket ceil(i / 2^n) of schema s - n.
        let index = (index.saturating_sub(1) >> coarser.min(31)) + 1;
        *counts.entry(index).or_default() += sign * count;
    }
    let mut sum = Buckets::default();
    for (index, count) in counts {
        sum.push(index, count);
    }
    sum
}
