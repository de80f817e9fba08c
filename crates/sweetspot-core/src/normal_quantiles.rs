//! Quantiles of the standard normal distribution, as the half widths of intervals.

/// Half the width of a 90% interval, in standard errors: the 95% quantile.
pub const NINETY_PERCENT: f64 = 1.644_853_626_951_472_2;
/// Half the width of a 95% interval, in standard errors: the 97.5% quantile.
pub const NINETY_FIVE_PERCENT: f64 = 1.959_963_984_540_054;
