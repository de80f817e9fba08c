//! Resampling: how metrics would vary with other customers from the same population (Efron 1979, Ann. Stat. 7:1, the
//! percentile bootstrap).

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

/// The number of resamples.
pub const RESAMPLES: usize = 200;

/// Draws as many customers as there are, with replacement, and sets `times` to how often each was drawn.
pub fn draw_resample(rng: &mut ChaCha8Rng, times: &mut [u32]) {
    draw_rows(rng, times, times.len());
}

/// The same as [`draw_resample`], with another number of draws.
pub(crate) fn draw_rows(rng: &mut ChaCha8Rng, times: &mut [u32], draws: usize) {
    times.fill(0);
    let row_count = u32::try_from(times.len()).unwrap_or(u32::MAX);
    for _ in 0..draws {
        if let Some(count) = times.get_mut(rng.random_range(0..row_count) as usize) {
            *count += 1;
        }
    }
}

/// The 2.5% and 97.5% quantiles of a metric's resampled values; `None` if it is unknown for any resample.
pub fn percentile_interval(mut samples: Vec<f64>) -> Option<(f64, f64)> {
    if samples.len() < RESAMPLES {
        return None;
    }
    samples.sort_by(f64::total_cmp);
    let quantile = |share: f64| samples.get((share * (RESAMPLES - 1) as f64).round() as usize).copied();
    quantile(0.025).zip(quantile(0.975))
}
