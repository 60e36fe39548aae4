//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// The density at a point.
pub fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / TAU.sqrt()
}

/// The probability of at most `x`; in the lower tail exact to the last digits, not only to the last places.
///
/// ```
/// use domain::normal::cumulative;
/// assert!((cumulative(1.96) - 0.975_002_104_851_779_5).abs() < 1e-15);
/// assert!((cumulative(-10.0) / 7.619_853_024_160_527e-24 - 1.0).abs() < 1e-13);
/// ```
pub fn cumulative(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The point below which the probability is `p`: the inverse of [`cumulative`], infinite at 0 and 1, NaN outside.
///
/// Algorithm AS 241 (PPND16): M. J. Wichura, The percentage points of the normal distribution, Applied Statistics 37 (1988),
/// 477-484. Beside fifty digits its relative error stays below 7e-16, so there is nothing for a step of Newton's method to mend.
///
/// ```
/// use domain::normal::quantile;
/// assert!((quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-14);
/// assert_eq!(quantile(0.5), 0.0);
/// ```
pub fn quantile(p: f64) -> f64 {
    if p > 0.5 {
        // One less a number above a half is exact.
        return -quantile(1.0 - p);
    }
    let from_middle = p - 0.5;
    if from_middle.abs() <= 0.425 {
        let r = 0.180_625 - from_middle * from_middle;
        return from_middle * CENTRE.at(r);
    }
    let r = (-p.ln()).sqrt();
    if r <= 5.0 {
        -TAIL.at(r - 1.6)
    } else if r.is_finite() {
        -FAR_TAIL.at(r - 5.0)
    } else {
        -r
    }
}

/// A ratio of polynomials, coefficients from the constant up.
struct Ratio {
    above: [f64; 8],
    below: [f64; 8],
}

impl Ratio {
    fn at(&self, x: f64) -> f64 {
        let value = |polynomial: &[f64; 8]| polynomial.iter().rev().fold(0.0, |sum, next| sum * x + next);
        value(&self.above) / value(&self.below)
    }
}

#[expect(clippy::unreadable_literal, clippy::excessive_precision, reason = "as published")]
const CENTRE: Ratio = Ratio {
    above: [
        3.3871328727963666080,
        133.14166789178437745,
        1971.5909503065514427,
        13731.693765509461125,
        45921.953931549871457,
        67265.770927008700853,
        33430.575583588128105,
        2509.0809287301226727,
    ],
    below: [
        1.0,
        42.313330701600911252,
        687.18700749205790830,
        5394.1960214247511077,
        21213.794301586595867,
        39307.895800092710610,
        28729.085735721942674,
        5226.4952788528545610,
    ],
};

#[expect(clippy::unreadable_literal, clippy::excessive_precision, reason = "as published")]
const TAIL: Ratio = Ratio {
    above: [
        1.42343711074968357734,
        4.63033784615654529590,
        5.76949722146069140550,
        3.64784832476320460504,
        1.27045825245236838258,
        0.241780725177450611770,
        0.0227238449892691845833,
        7.74545014278341407640e-4,
    ],
    below: [
        1.0,
        2.05319162663775882187,
        1.67638483018380384940,
        0.689767334985100004550,
        0.148103976427480074590,
        0.0151986665636164571966,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ],
};

#[expect(clippy::unreadable_literal, clippy::excessive_precision, reason = "as published")]
const FAR_TAIL: Ratio = Ratio {
    above: [
        6.65790464350110377720,
        5.46378491116411436990,
        1.78482653991729133580,
        0.296560571828504891230,
        0.0265321895265761230930,
        0.00124266094738807843860,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ],
    below: [
        1.0,
        0.599832206555887937690,
        0.136929880922735805310,
        0.0148753612908506148525,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ],
};
