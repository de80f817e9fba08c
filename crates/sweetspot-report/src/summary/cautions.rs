//! Limitations that a reader must consider.

use super::super::format::to_sentence;
use super::super::{Proportion, ReportInput, format_count, format_date, plural};

/// The minimum number of customers with either label for stable figures.
pub(crate) const MIN_LABEL_COUNT: u64 = 40;

/// The limitations; never empty, because no profile is certain.
pub(super) fn cautions(input: &ReportInput, customers: Proportion, has_headline: bool) -> Vec<String> {
    let Proportion { part: ideal, total: all } = customers;
    let rarer = ideal.min(all - ideal);
    let mut cautions = Vec::new();
    let sample =
        format!("It is learned from {}, {} of them ideal", plural(all, "customer", "customers"), format_count(ideal));
    cautions.push(if input.model.evaluation().rows == 0 {
        let known = plural(all, "customer is", "customers are");
        format!(
            "It is based on stated hypotheses: {known} known to be ideal or not, too few of either kind to learn from."
        )
    } else if rarer < MIN_LABEL_COUNT {
        format!(
            "{sample}: with fewer than {MIN_LABEL_COUNT} of either kind, every new customer moves the figures a lot."
        )
    } else {
        format!("{sample}.")
    });
    cautions.push(
        "It covers only accounts that were sold to or approached: for other accounts, it extrapolates from similar ones."
            .to_owned(),
    );
    let effects = "Effects are associations with being ideal, all else equal; they do not predict what would happen if something \
                   were changed.";
    let opening = if has_headline { " The opening sentence was derived from these same customers." } else { "" };
    cautions.push(format!("{effects}{opening}"));
    if let Some(review_date) = input.definition.review_date {
        let due = if review_date <= input.as_of { "has been due for review since" } else { "is to be reviewed by" };
        cautions.push(format!("This definition {due} {}.", format_date(review_date)));
    } else {
        cautions.push("No review date is set: an ideal customer profile is a living definition.".to_owned());
    }
    cautions.extend(input.model.warnings().iter().map(|warning| to_sentence(warning)));
    cautions
}
