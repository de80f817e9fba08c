//! Random numbers from one seeded stream. The arithmetic is the same on every machine, and so are the bytes.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

/// A stream of random numbers.
pub(super) struct SeededRng(pub(super) ChaCha8Rng);

impl SeededRng {
    /// Returns a uniform number in [0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// Returns `true` with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Returns `true` with the probability of these log-odds.
    pub(super) fn happens(&mut self, log_odds: f64) -> bool {
        self.chance(1.0 / (1.0 + (-log_odds).exp()))
    }

    /// Returns an approximately standard normal number: the sum of twelve uniform ones, minus its mean.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// Returns a log-normal number with this median and spread.
    pub(super) fn log_normal(&mut self, median: f64, spread: f64) -> f64 {
        median * (spread * self.normal()).exp()
    }

    /// Returns one of the choices, with a probability proportional to its weight.
    pub(super) fn weighted<T: Copy>(&mut self, choices: &[(T, f64)], otherwise: T) -> T {
        let total: f64 = choices.iter().map(|(_, weight)| weight).sum();
        let mut left = self.uniform() * total;
        for (choice, weight) in choices {
            left -= weight;
            if left < 0.0 {
                return *choice;
            }
        }
        otherwise
    }

    /// Returns one of these texts with equal probability; empty if there are none.
    pub(super) fn choice<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let place = (self.uniform() * texts.len() as f64) as usize;
        texts.get(place).copied().unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn chance_is_as_likely_as_asked() {
        let mut draw = SeededRng(ChaCha8Rng::seed_from_u64(3));
        let share = (0..10_000).filter(|_| draw.chance(0.3)).count() as f64 / 10_000.0;
        assert!((share - 0.3).abs() < 0.02, "{share}");
        let draws: Vec<f64> = (0..10_000).map(|_| draw.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 10_000.0;
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 10_000.0;
        assert!(mean.abs() < 0.05 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        let heavy = (0..1000).filter(|_| draw.weighted(&[("a", 9.0), ("b", 1.0)], "c") == "a").count();
        assert!((850..950).contains(&heavy), "{heavy}");
        assert_eq!(draw.choice(&[]), "");
    }
}
