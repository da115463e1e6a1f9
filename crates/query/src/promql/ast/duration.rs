//! Computing duration expressions, once a query's step and range are known.

use model::Millis;

use super::{BinaryOp, DurationExpr};

/// Nanoseconds must fit 63 bits, as in Prometheus: about 292 years.
const SECONDS_MAX: f64 = (1u64 << 63) as f64 / 1e9;

impl DurationExpr {
    /// The duration for a query of this step and range. Prometheus cuts the
    /// result to whole milliseconds.
    ///
    /// # Errors
    /// The reason where it is no number, out of range, divides by zero, or is
    /// not positive where `allow_negative` asks for that.
    pub fn resolve(
        &self,
        step: Millis,
        range: Millis,
        allow_negative: bool,
    ) -> Result<Millis, &'static str> {
        let seconds = self.seconds(step, range)?;
        if !seconds.is_finite() {
            return Err("duration is NaN or infinite");
        }
        if seconds <= 0.0 && !allow_negative {
            return Err("duration must be greater than 0");
        }
        if seconds.abs() > SECONDS_MAX {
            return Err("duration is out of range");
        }
        Ok(Millis::new((seconds * 1000.0) as i64))
    }

    fn seconds(&self, step: Millis, range: Millis) -> Result<f64, &'static str> {
        let seconds = |side: &Self| side.seconds(step, range);
        Ok(match self {
            Self::Literal(literal) => literal.value,
            Self::Step => step.as_secs_f64(),
            Self::Range => range.as_secs_f64(),
            Self::MinOf(a, b) => seconds(a)?.min(seconds(b)?),
            Self::MaxOf(a, b) => seconds(a)?.max(seconds(b)?),
            Self::Negate(a) => -seconds(a)?,
            Self::Paren(a) => seconds(a)?,
            Self::Arithmetic(op, a, b) => {
                let (a, b) = (seconds(a)?, seconds(b)?);
                match op {
                    BinaryOp::Add => a + b,
                    BinaryOp::Sub => a - b,
                    BinaryOp::Mul => a * b,
                    BinaryOp::Div if b == 0.0 => return Err("division by zero"),
                    BinaryOp::Div => a / b,
                    BinaryOp::Mod if b == 0.0 => return Err("modulo by zero"),
                    BinaryOp::Mod => a % b,
                    BinaryOp::Pow => a.powf(b),
                    _ => return Err("duration expressions know arithmetic operators only"),
                }
            }
        })
    }
}
