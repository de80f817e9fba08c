//! What a reader must bear in mind.

use super::super::words::sentence;
use super::super::{Evidence, Share, count, day, plural};

/// Fewest customers of either label from which figures are steady.
const STEADY: u64 = 40;

/// Always some: no profile is the truth.
pub(super) fn cautions(evidence: &Evidence, customers: Share, opens: bool) -> Vec<String> {
    let Share { part: ideal, of: all } = customers;
    let fewest = ideal.min(all - ideal);
    let mut cautions = Vec::new();
    let sample = format!("It is learned from {}, {} of them ideal", plural(all, "customer", "customers"), count(ideal));
    cautions.push(if evidence.model.evaluation().rows == 0 {
        let known = plural(all, "customer is", "customers are");
        format!(
            "It is based on stated hypotheses: {known} known to be ideal or not, too few of either kind to learn from."
        )
    } else if fewest < STEADY {
        format!("{sample}: with fewer than {STEADY} of either kind, every new customer moves the figures a lot.")
    } else {
        format!("{sample}.")
    });
    cautions.push(
        "It covers only accounts that were sold to or approached: for other accounts, it extrapolates from similar ones."
            .to_owned(),
    );
    let effects = "Effects are associations with being ideal, all else equal; they do not predict what would happen if something \
                   were changed.";
    let opening = if opens { " The opening sentence was derived from these same customers." } else { "" };
    cautions.push(format!("{effects}{opening}"));
    if let Some(by) = evidence.definition.review_on {
        let due = if by <= evidence.as_of { "has been due for review since" } else { "is to be reviewed by" };
        cautions.push(format!("This definition {due} {}.", day(by)));
    } else {
        cautions.push("No review date is set: an ideal customer profile is a living definition.".to_owned());
    }
    cautions.extend(evidence.model.warnings().iter().map(|warning| sentence(warning)));
    cautions
}
