//! Summaries of a model's interactions.

use sweetspot_core::percent;

use super::attribute_summary::spread;
use crate::stored;

/// The minimum number of customers for a value pair in [`second_look`].
const MIN_CUSTOMERS: u64 = 20;

/// An interaction of two attributes: what they add together, beyond what each adds alone.
#[derive(Clone, Debug, PartialEq)]
pub struct InteractionSummary {
    /// The name of the first attribute.
    pub first: String,
    /// The name of the second attribute.
    pub second: String,
    /// The standard deviation of its contributions over the training customers, in log-odds.
    pub spread: f64,
    /// The effective number of parameters.
    pub effective_parameters: f64,
    /// The evidence for it: the logarithm of the Bayes factor against the model without it, in nats.
    pub log_bayes_factor: f64,
    /// A sentence on the value pair that matters most; empty if no value pair has enough customers.
    pub second_look: String,
}

impl InteractionSummary {
    /// Summarizes a stored interaction.
    pub(super) fn from_stored(pair: &stored::Pair) -> Self {
        Self {
            first: pair.first.clone(),
            second: pair.second.clone(),
            spread: spread(&pair.cells),
            effective_parameters: pair.effective_parameters,
            log_bayes_factor: pair.evidence,
            second_look: second_look(pair).unwrap_or_default(),
        }
    }
}

/// The sentence on the value pair with the largest log-odds times the square root of its number of customers.
fn second_look(pair: &stored::Pair) -> Option<String> {
    let weight = |cell: &stored::Slot| cell.log_odds.abs() * (cell.customers as f64).sqrt();
    let frequent = pair.cells.iter().enumerate().filter(|(_, cell)| cell.customers >= MIN_CUSTOMERS);
    let (index, cell) = frequent.max_by(|(_, a), (_, b)| weight(a).total_cmp(&weight(b)))?;
    let width = pair.second_labels.len();
    let (first, second) = (pair.first_labels.get(index.checked_div(width)?)?, pair.second_labels.get(index % width)?);
    // An effect that rounds to zero is not worth a sentence.
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
    fn the_second_look_is_the_cell_with_the_largest_effect() {
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
        let told = InteractionSummary::from_stored(&pair).second_look;
        let expected = "industry Manufacturing with high_skilled yes fits better than the two suggest alone \
                        (+0.50 log-odds; 100 customers, 60% ideal)";
        assert_eq!(told, expected);
        pair.cells.iter_mut().for_each(|cell| cell.customers = 3);
        assert_eq!(InteractionSummary::from_stored(&pair).second_look, "");
    }
}
