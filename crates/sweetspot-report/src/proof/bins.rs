//! Parts of the list that are large enough to be told apart.

use sweetspot_core::RowWeights;
use sweetspot_model::Tenth;

use crate::figure::Share;

/// Ideal customers that a part should hold on average.
const FEWEST: u64 = 5;

/// A part of the list, best score first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bin {
    /// What it is: `tenth`, `fifth` or `half`.
    pub(super) part: &'static str,
    /// Its place, from 1.
    pub(super) place: usize,
    /// Its ideal customers, of its customers.
    pub(super) share: Share,
    /// What its rows count for.
    pub(super) weights: RowWeights,
    /// The mean of their probabilities.
    pub(super) predicted: f64,
}

impl Bin {
    /// The rate that was observed; nothing of nothing.
    pub(super) fn rate(&self) -> Option<f64> {
        self.share.weighted_rate(self.weights)
    }

    /// Its 95% interval.
    pub(super) fn interval(&self) -> (f64, f64) {
        self.share.weighted_interval(self.weights)
    }

    /// `Tenth 1`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", crate::words::capital(self.part), self.place)
    }
}

/// The tenths, or neighbours of them together where few are ideal: at least five in each part on average, but never less than halves.
/// Where there are fewer than ten customers, each stands alone.
pub(super) fn bins(tenths: &[Tenth], weights: RowWeights) -> Vec<Bin> {
    let ideal: u64 = tenths.iter().map(|tenth| tenth.ideal).sum();
    let (part, together) = match ideal / FEWEST {
        10.. => ("tenth", 1),
        5..=9 => ("fifth", 2),
        _ => ("half", 5),
    };
    let (part, together) = if tenths.len() == 10 { (part, together) } else { ("tenth", 1) };
    let bin = |(index, of): (usize, &[Tenth])| {
        let customers: u64 = of.iter().map(|tenth| tenth.customers).sum();
        let ideal = of.iter().map(|tenth| tenth.ideal).sum();
        let weight = |tenth: &Tenth| weights.total(tenth.ideal, tenth.customers);
        let predicted: f64 = of.iter().map(|tenth| tenth.mean_probability * weight(tenth)).sum();
        let weight: f64 = of.iter().map(weight).sum();
        Bin {
            part,
            place: index + 1,
            share: Share { part: ideal, of: customers },
            weights,
            predicted: if weight > 0.0 { predicted / weight } else { 0.0 },
        }
    };
    tenths.chunks(together).enumerate().map(bin).filter(|bin| bin.share.of > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_ideal_customers_make_larger_parts() {
        let of = |ideal: [u64; 10]| {
            let tenth = |ideal| Tenth { customers: 20, ideal, mean_probability: 0.1 * ideal as f64 };
            bins(&ideal.map(tenth), RowWeights::EVEN)
        };
        let told =
            |bins: Vec<Bin>| bins.iter().map(|bin| (bin.name(), bin.share.part, bin.share.of)).collect::<Vec<_>>();
        assert_eq!(of([20, 10, 8, 5, 4, 1, 1, 1, 0, 0]).len(), 10);
        let fifths = of([10, 8, 4, 2, 1, 0, 0, 0, 0, 0]);
        assert!((fifths[0].predicted - 0.9).abs() < 1e-12);
        assert_eq!(told(fifths)[..2], [("Fifth 1".to_owned(), 18, 40), ("Fifth 2".to_owned(), 6, 40)]);
        let halves = told(of([3, 2, 1, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(halves, [("Half 1".to_owned(), 6, 100), ("Half 2".to_owned(), 0, 100)]);
        assert_eq!(bins(&[], RowWeights::EVEN), []);
    }
}
