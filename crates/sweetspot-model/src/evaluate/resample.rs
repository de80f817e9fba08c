//! Customers drawn anew: what figures would be if other customers of the same sort had come
//! (Efron 1979, Ann. Stat. 7:1, the percentile bootstrap).

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

/// How many times customers are drawn anew.
pub const RESAMPLES: usize = 200;

/// Draws as many customers as there are, each time any of them: how often each was drawn.
pub fn draw(rng: &mut ChaCha8Rng, times: &mut [u32]) {
    draw_some(rng, times, times.len());
}

/// The same with another number of draws.
pub(crate) fn draw_some(rng: &mut ChaCha8Rng, times: &mut [u32], draws: usize) {
    times.fill(0);
    let most = u32::try_from(times.len()).unwrap_or(u32::MAX);
    for _ in 0..draws {
        if let Some(one) = times.get_mut(rng.random_range(0..most) as usize) {
            *one += 1;
        }
    }
}

/// From the 2.5% to the 97.5% quantile of a figure's draws; nothing where it was not known in each of them.
pub fn middle(mut drawn: Vec<f64>) -> Option<(f64, f64)> {
    if drawn.len() < RESAMPLES {
        return None;
    }
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| drawn.get((share * (RESAMPLES - 1) as f64).round() as usize).copied();
    at(0.025).zip(at(0.975))
}
