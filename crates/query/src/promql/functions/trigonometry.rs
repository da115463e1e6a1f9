//! Angles and their functions, in radians.

use super::{Call, Evaluator, QueryError, Scope};

pub(super) const ACOS_DOC: &str = "The arc cosine of each sample.";
pub(super) const ACOSH_DOC: &str = "The inverse hyperbolic cosine of each sample.";
pub(super) const ASIN_DOC: &str = "The arc sine of each sample.";
pub(super) const ASINH_DOC: &str = "The inverse hyperbolic sine of each sample.";
pub(super) const ATAN_DOC: &str = "The arc tangent of each sample.";
pub(super) const ATANH_DOC: &str = "The inverse hyperbolic tangent of each sample.";
pub(super) const COS_DOC: &str = "The cosine of each sample.";
pub(super) const COSH_DOC: &str = "The hyperbolic cosine of each sample.";
pub(super) const DEG_DOC: &str = "Each sample converted from radians to degrees.";
pub(super) const PI_DOC: &str = "The number pi.";
pub(super) const RAD_DOC: &str = "Each sample converted from degrees to radians.";
pub(super) const SIN_DOC: &str = "The sine of each sample.";
pub(super) const SINH_DOC: &str = "The hyperbolic sine of each sample.";
pub(super) const TAN_DOC: &str = "The tangent of each sample.";
pub(super) const TANH_DOC: &str = "The hyperbolic tangent of each sample.";

pub(super) fn deg(value: f64) -> f64 {
    value * 180.0 / std::f64::consts::PI
}

pub(super) fn rad(value: f64) -> f64 {
    value * std::f64::consts::PI / 180.0
}

pub(super) fn pi(_: &Evaluator<'_>, _: &Call, scope: &Scope) -> Result<Vec<f64>, QueryError> {
    Ok(vec![std::f64::consts::PI; scope.steps()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_and_radians() {
        assert_eq!(deg(std::f64::consts::PI), 180.0);
        assert_eq!(rad(180.0), std::f64::consts::PI);
    }
}
