//! Intervals of figures that have no closed formula, by resampling the customers (Efron 1979, Ann. Stat. 7:1, the
//! percentile bootstrap).

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use sweetspot_model::{RESAMPLES, draw_resample, percentile_interval};

/// Samples of fewer customers have no interval: their resamples are too similar.
pub(super) const MIN_CUSTOMERS: usize = 20;

/// A figure with its 95% interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The interval; `None` if the sample has fewer than 20 customers.
    pub interval: Option<(f64, f64)>,
}

/// Figures of the customers, with their intervals. `figures` takes the multiplicity of each customer; each of its
/// results may be unknown, and an interval exists only if the figure is known in every resample.
pub(super) fn estimates<const N: usize>(
    customers: usize,
    seed: u64,
    figures: impl Fn(&[u32]) -> [Option<f64>; N],
) -> [Option<Estimate>; N] {
    let found = figures(&vec![1; customers]);
    let mut samples: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    if customers >= MIN_CUSTOMERS && found.iter().any(Option::is_some) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut times = vec![0_u32; customers];
        for _ in 0..RESAMPLES {
            draw_resample(&mut rng, &mut times);
            for (sampled_figures, figure) in samples.iter_mut().zip(figures(&times)) {
                sampled_figures.extend(figure);
            }
        }
    }
    let mut samples = samples.into_iter();
    found.map(|value| {
        let interval = samples.next().and_then(percentile_interval);
        value.map(|value| Estimate { value, interval })
    })
}

/// The mean of numbers with these multiplicities; `None` if there are none.
pub(super) fn mean(numbers: impl IntoIterator<Item = (f64, u32)>) -> Option<f64> {
    let (total, count) = numbers.into_iter().fold((0.0, 0_u64), |(total, count), (number, times)| {
        (total + number * f64::from(times), count + u64::from(times))
    });
    (count > 0).then(|| total / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_a_mean_is_near_that_of_the_books() {
        let numbers: Vec<f64> = (0..400).map(|number| f64::from(number % 20)).collect();
        let figures = |times: &[u32]| [mean(numbers.iter().copied().zip(times.iter().copied()))];
        let [Some(found)] = estimates(400, 7, figures) else { panic!("no figure") };
        // The standard deviation of 0 to 19 is 5.766; 1.96 standard errors on either side.
        let (low, high) = found.interval.unwrap();
        assert_eq!(found.value, 9.5);
        assert!((low - 8.935).abs() < 0.15 && (high - 10.065).abs() < 0.15, "{low} {high}");
        assert_eq!(estimates(400, 7, figures), [Some(found)]);
    }

    #[test]
    fn few_customers_have_a_figure_without_an_interval() {
        assert_eq!(estimates(19, 7, |_| [Some(3.0), None]), [Some(Estimate { value: 3.0, interval: None }), None]);
        assert_eq!(estimates(0, 7, |times| [mean(times.iter().map(|times| (1.0, *times)))]), [None]);
    }
}
