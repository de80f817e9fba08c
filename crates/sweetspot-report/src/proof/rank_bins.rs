//! Parts of the ranked list that are large enough to compare.

use sweetspot_core::SamplingWeights;
use sweetspot_model::Decile;

use crate::proportion::Proportion;

/// The minimum number of ideal customers per part, on average.
const MIN_IDEAL: u64 = 5;

/// A part of the ranked list, best scores first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bin {
    /// The kind of part: `decile`, `fifth` or `half`.
    pub(super) part: &'static str,
    /// Its rank, from 1.
    pub(super) place: usize,
    /// Its ideal customers of all its customers.
    pub(super) share: Proportion,
    /// The weights of its rows.
    pub(super) weights: SamplingWeights,
    /// The mean predicted probability.
    pub(super) predicted: f64,
}

impl Bin {
    /// The observed rate; `None` if the part is empty.
    pub(super) fn rate(&self) -> Option<f64> {
        self.share.weighted_rate(self.weights)
    }

    /// The 95% interval of the rate.
    pub(super) fn interval(&self) -> (f64, f64) {
        self.share.weighted_interval(self.weights)
    }

    /// `Decile 1`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", crate::format::capitalize(self.part), self.place)
    }
}

/// The deciles, or merged neighbors if few customers are ideal: at least five ideal customers per part on average, but
/// never fewer than two parts. With fewer than ten customers, each is a part of its own.
pub(super) fn bins(deciles: &[Decile], weights: SamplingWeights) -> Vec<Bin> {
    let ideal: u64 = deciles.iter().map(|decile| decile.ideal).sum();
    let (part, together) = match ideal / MIN_IDEAL {
        10.. => ("decile", 1),
        5..=9 => ("fifth", 2),
        _ => ("half", 5),
    };
    let (part, together) = if deciles.len() == 10 { (part, together) } else { ("decile", 1) };
    let bin = |(index, deciles): (usize, &[Decile])| {
        let customers: u64 = deciles.iter().map(|decile| decile.customers).sum();
        let ideal = deciles.iter().map(|decile| decile.ideal).sum();
        let weight = |decile: &Decile| weights.total(decile.ideal, decile.customers);
        let predicted: f64 = deciles.iter().map(|decile| decile.mean_probability * weight(decile)).sum();
        let weight: f64 = deciles.iter().map(weight).sum();
        Bin {
            part,
            place: index + 1,
            share: Proportion { part: ideal, total: customers },
            weights,
            predicted: if weight > 0.0 { predicted / weight } else { 0.0 },
        }
    };
    deciles.chunks(together).enumerate().map(bin).filter(|bin| bin.share.total > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_ideal_customers_make_larger_parts() {
        let of = |ideal: [u64; 10]| {
            let tenth = |ideal| Decile { customers: 20, ideal, mean_probability: 0.1 * ideal as f64 };
            bins(&ideal.map(tenth), SamplingWeights::EVEN)
        };
        let told =
            |bins: Vec<Bin>| bins.iter().map(|bin| (bin.name(), bin.share.part, bin.share.total)).collect::<Vec<_>>();
        assert_eq!(of([20, 10, 8, 5, 4, 1, 1, 1, 0, 0]).len(), 10);
        let fifths = of([10, 8, 4, 2, 1, 0, 0, 0, 0, 0]);
        assert!((fifths[0].predicted - 0.9).abs() < 1e-12);
        assert_eq!(told(fifths)[..2], [("Fifth 1".to_owned(), 18, 40), ("Fifth 2".to_owned(), 6, 40)]);
        let halves = told(of([3, 2, 1, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(halves, [("Half 1".to_owned(), 6, 100), ("Half 2".to_owned(), 0, 100)]);
        assert_eq!(bins(&[], SamplingWeights::EVEN), []);
    }
}
