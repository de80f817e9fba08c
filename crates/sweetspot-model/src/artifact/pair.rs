//! What two attributes do together in a model.

use sweetspot_core::percent;

use super::summary::spread;
use crate::stored;

/// A value pair is told of from so many customers on.
const TELLING: u64 = 20;

/// Two attributes that say more together than each alone.
#[derive(Clone, Debug, PartialEq)]
pub struct PairSummary {
    /// The first attribute.
    pub first: String,
    /// The second attribute.
    pub second: String,
    /// Standard deviation of its contributions over the training customers, in log-odds.
    pub spread: f64,
    /// Effective number of parameters.
    pub effective_parameters: f64,
    /// How much the data speak for it: the logarithm of the Bayes factor against the model without it, in nats.
    pub evidence: f64,
    /// One sentence on the value pair that matters most; empty where no value pair has customers enough.
    pub second_look: String,
}

impl PairSummary {
    /// The summary of a kept pair.
    pub(super) fn of(pair: &stored::Pair) -> Self {
        Self {
            first: pair.first.clone(),
            second: pair.second.clone(),
            spread: spread(&pair.cells),
            effective_parameters: pair.effective_parameters,
            evidence: pair.evidence,
            second_look: second_look(pair).unwrap_or_default(),
        }
    }
}

/// The value pair that moves most customers furthest, by log-odds times the root of their number.
fn second_look(pair: &stored::Pair) -> Option<String> {
    let weight = |cell: &stored::Slot| cell.log_odds.abs() * (cell.customers as f64).sqrt();
    let telling = pair.cells.iter().enumerate().filter(|(_, cell)| cell.customers >= TELLING);
    let (index, cell) = telling.max_by(|(_, a), (_, b)| weight(a).total_cmp(&weight(b)))?;
    let width = pair.second_labels.len();
    let (first, second) = (pair.first_labels.get(index.checked_div(width)?)?, pair.second_labels.get(index % width)?);
    // What rounds to nothing changes no verdict.
    if cell.log_odds.abs() < 0.005 {
        return None;
    }
    let word = if cell.log_odds < 0.0 { "worse" } else { "better" };
    Some(format!(
        "{} {first} with {} {second} fits {word} than the two suggest alone ({:+.2} log-odds; {} customers, {} ideal)",
        pair.first,
        pair.second,
        cell.log_odds,
        cell.customers,
        percent(cell.ideal as f64 / cell.customers as f64),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_look_is_the_value_pair_that_moves_most() {
        let cell = |log_odds, customers, ideal| stored::Slot { log_odds, customers, ideal, ..stored::Slot::default() };
        let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
        let mut pair = stored::Pair {
            first: "industry".to_owned(),
            second: "high_skilled".to_owned(),
            first_labels: texts(["Manufacturing", "other"]),
            second_labels: texts(["no", "yes"]),
            cells: vec![cell(-0.1, 400, 40), cell(0.5, 100, 60), cell(3.0, 19, 19), cell(0.0, 0, 0)],
            ..stored::Pair::default()
        };
        let told = PairSummary::of(&pair).second_look;
        let expected = "industry Manufacturing with high_skilled yes fits better than the two suggest alone \
                        (+0.50 log-odds; 100 customers, 60% ideal)";
        assert_eq!(told, expected);
        pair.cells.iter_mut().for_each(|cell| cell.customers = 3);
        assert_eq!(PairSummary::of(&pair).second_look, "");
    }
}
