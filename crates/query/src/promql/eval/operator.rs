//! What the binary operators do with two values.

use std::sync::Arc;

use model::Histogram;
use model::histogram::{ResetHint, Trim};

use super::SampleValue;
use super::notes::{HistogramOperation, Notes};
use crate::promql::ast::{BinaryOp, Span};

/// What came of two samples.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The result; for a comparison, the left sample.
    pub(crate) value: SampleValue,
    /// For a comparison, whether it holds; otherwise true.
    pub(crate) holds: bool,
}

/// An arithmetic operator on two numbers; a comparison gives 0 or 1.
pub(crate) fn arithmetic(op: BinaryOp, left: f64, right: f64) -> f64 {
    match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::Mod => left % right,
        BinaryOp::Pow => left.powf(right),
        BinaryOp::Atan2 => left.atan2(right),
        _ => f64::from(u8::from(holds(op, left, right))),
    }
}

/// Whether a comparison holds.
pub(crate) fn holds(op: BinaryOp, left: f64, right: f64) -> bool {
    match op {
        BinaryOp::Eql => left == right,
        BinaryOp::Neq => left != right,
        BinaryOp::Gtr => left > right,
        BinaryOp::Lss => left < right,
        BinaryOp::Gte => left >= right,
        BinaryOp::Lte => left <= right,
        _ => true,
    }
}

/// Whether the result is another quantity than the operands, so that it loses
/// the metric's name.
pub(crate) fn changes_meaning(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::Div
            | BinaryOp::Mod
            | BinaryOp::Pow
            | BinaryOp::Atan2
    )
}

/// An operator on two samples; nothing where it does not apply to such, which is noted.
pub(crate) fn samples(
    op: BinaryOp,
    left: &SampleValue,
    right: &SampleValue,
    notes: &mut Notes,
    span: Span,
) -> Option<Outcome> {
    use SampleValue::{Float, Histogram as Native};
    let always = |value| Some(Outcome { value, holds: true });
    let result = match (left, right) {
        (Float(l), Float(r)) if op.is_comparison() => {
            return Some(Outcome { value: Float(*l), holds: holds(op, *l, *r) });
        }
        (Float(l), Float(r)) if changes_meaning(op) => {
            return always(Float(arithmetic(op, *l, *r)));
        }
        (Float(factor), Native(h)) | (Native(h), Float(factor)) if op == BinaryOp::Mul => {
            compacted(h, |h| h.scale(*factor))
        }
        (Native(h), Float(divisor)) if op == BinaryOp::Div => compacted(h, |h| h.divide(*divisor)),
        (Native(h), Float(at)) if op == BinaryOp::TrimUpper => {
            changed(h, |h| h.trim(*at, Trim::KeepBelow))
        }
        (Native(h), Float(at)) if op == BinaryOp::TrimLower => {
            changed(h, |h| h.trim(*at, Trim::KeepAbove))
        }
        (Native(l), Native(_)) if matches!(op, BinaryOp::Eql | BinaryOp::Neq) => {
            let Native(r) = right else { return None };
            let holds = l.same_data(r) == (op == BinaryOp::Eql);
            return Some(Outcome { value: Native(l.clone()), holds });
        }
        (Native(l), Native(r)) if matches!(op, BinaryOp::Add | BinaryOp::Sub) => {
            add_or_sub(op, l, r, notes, span)?
        }
        _ => {
            notes.incompatible_types([kind(left), kind(right)], op.as_str(), span);
            return None;
        }
    };
    always(Native(Arc::new(result)))
}

fn add_or_sub(
    op: BinaryOp,
    left: &Histogram,
    right: &Histogram,
    notes: &mut Notes,
    span: Span,
) -> Option<Histogram> {
    let mut result = left.clone();
    let (done, operation) = if op == BinaryOp::Add {
        (result.add(right), HistogramOperation::Addition)
    } else {
        (result.sub(right), HistogramOperation::Subtraction)
    };
    let Ok(done) = done else {
        notes.incompatible_layout(op.as_str(), span);
        return None;
    };
    if done.reset_hints_collide {
        notes.reset_collision(operation, span);
        return None;
    }
    if done.bounds_differed {
        notes.bounds_reconciled(operation, span);
    }
    if op == BinaryOp::Sub {
        result.reset_hint = ResetHint::Gauge;
    }
    result.compact();
    Some(result)
}

fn changed(histogram: &Histogram, change: impl FnOnce(&mut Histogram)) -> Histogram {
    let mut result = histogram.clone();
    change(&mut result);
    result
}

fn compacted(histogram: &Histogram, change: impl FnOnce(&mut Histogram)) -> Histogram {
    let mut result = changed(histogram, change);
    result.compact();
    result
}

fn kind(value: &SampleValue) -> &'static str {
    match value {
        SampleValue::Float(_) => "float",
        SampleValue::Histogram(_) => "histogram",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn native(count: f64) -> SampleValue {
        let mut histogram = Histogram::new(0);
        histogram.positive.push(1, count);
        histogram.count = count;
        SampleValue::Histogram(Arc::new(histogram))
    }

    fn run(op: BinaryOp, left: &SampleValue, right: &SampleValue) -> (Option<Outcome>, Notes) {
        let mut notes = Notes::default();
        (samples(op, left, right, &mut notes, Span::default()), notes)
    }

    #[test]
    fn numbers() {
        for (op, left, right, expected) in [
            (BinaryOp::Mod, -7.0, 3.0, -1.0),
            (BinaryOp::Pow, 2.0, 10.0, 1024.0),
            (BinaryOp::Atan2, 1.0, 1.0, std::f64::consts::FRAC_PI_4),
            (BinaryOp::Div, 1.0, 0.0, f64::INFINITY),
            (BinaryOp::Gte, 2.0, 2.0, 1.0),
            (BinaryOp::Eql, f64::NAN, f64::NAN, 0.0),
            (BinaryOp::Neq, f64::NAN, f64::NAN, 1.0),
        ] {
            assert_eq!(arithmetic(op, left, right), expected, "{op:?}");
        }
    }

    #[test]
    fn histograms_know_some_operators() {
        let (sum, _) = run(BinaryOp::Add, &native(1.0), &native(2.0));
        let SampleValue::Histogram(sum) = sum.unwrap().value else { panic!("a histogram") };
        assert_eq!(sum.count, 3.0);
        let (same, _) = run(BinaryOp::Eql, &native(1.0), &native(1.0));
        assert!(same.unwrap().holds);
        let (product, _) = run(BinaryOp::Mul, &SampleValue::Float(3.0), &native(2.0));
        let SampleValue::Histogram(product) = product.unwrap().value else { panic!("a histogram") };
        assert_eq!(product.positive.counts, [6.0]);
    }

    #[test]
    fn what_does_not_apply_is_noted() {
        let (none, notes) = run(BinaryOp::Add, &SampleValue::Float(1.0), &native(1.0));
        assert!(none.is_none());
        assert_eq!(
            notes.into_annotations("").infos,
            ["PromQL info: incompatible sample types encountered for binary operator \"+\": \
              float + histogram (1:1)"]
        );
    }
}
