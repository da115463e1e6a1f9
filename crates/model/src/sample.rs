//! Float samples and the staleness marker.
//!
//! A series that disappears is ended by a sample whose value is a NaN with one
//! certain bit pattern, so that a query stops showing it at once instead of for
//! the whole lookback. The pattern is Prometheus' (`model/value/value.go`), for
//! it crosses remote write unchanged.

/// The bit pattern of the staleness marker.
pub const STALE_NAN_BITS: u64 = 0x7ff0_0000_0000_0002;

/// The bit pattern that Prometheus gives to every other NaN.
pub const NORMAL_NAN_BITS: u64 = 0x7ff8_0000_0000_0001;

/// The staleness marker as a sample value.
pub const STALE_NAN: f64 = f64::from_bits(STALE_NAN_BITS);

/// Whether `value` is the staleness marker; an ordinary NaN is not.
#[inline]
pub fn is_stale_nan(value: f64) -> bool {
    value.to_bits() == STALE_NAN_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_pattern_is_stale() {
        assert!(is_stale_nan(STALE_NAN));
        assert!(STALE_NAN.is_nan());
        assert!(!is_stale_nan(f64::NAN));
        assert!(!is_stale_nan(f64::from_bits(NORMAL_NAN_BITS)));
        assert!(!is_stale_nan(0.0));
    }
}
