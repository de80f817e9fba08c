//! Limitations that a reader must consider; always part of the document.

use sweetspot_core::Approval;
use sweetspot_model::Evaluation;

use crate::format::{format_count, format_date, join_with_and, plural};
use crate::report_input::ReportInput;

/// With fewer ideal customers, intervals are wide.
const MIN_IDEAL: u64 = 100;
/// The maximum number of attributes to name.
const MAX_NAMES: usize = 8;
/// Words in an attribute's name that indicate a place or a size.
const PROXY_WORDS: [&str; 15] = [
    "country",
    "region",
    "state",
    "city",
    "zip",
    "postal",
    "location",
    "territory",
    "employee",
    "headcount",
    "revenue",
    "size",
    "turnover",
    "latitude",
    "longitude",
];

/// The sentences.
pub(super) fn sentences(input: &ReportInput, evaluation: &Evaluation) -> Vec<String> {
    let sentences = [
        Some(sample(evaluation, input.labels.ideal.iter().flatten().count() as u64)),
        Some(selection(input)),
        extrapolation_note(input),
        proxy_note(input),
        Some(profit(input)),
        Some(age(input)),
    ];
    sentences.into_iter().flatten().collect()
}

/// The sample of the figures; with many customers only some are evaluated.
fn sample(evaluation: &Evaluation, labeled: u64) -> String {
    let (rows, ideal) = (evaluation.rows, evaluation.positives);
    if rows == 0 {
        return "Nothing was judged: too few accounts are ideal, or too few are not. These statements are hypotheses that were not tested."
            .to_owned();
    }
    let evaluated = if rows < labeled { format!("{} of ", format_count(rows)) } else { String::new() };
    let repeated = (1..rows).contains(&evaluation.accounts);
    let [singular, plural_form] = if repeated {
        ["row that is ideal or not", "rows that are ideal or not"]
    } else {
        ["account that is ideal or not", "accounts that are ideal or not"]
    };
    let accounts = if repeated { format!(" The evaluation covers {}.", evaluation.subjects()) } else { String::new() };
    let base = format!(
        "All of this is based on {evaluated}{}, {} of them ideal.{accounts}",
        plural(labeled.max(rows), singular, plural_form),
        format_count(ideal)
    );
    if ideal.min(rows - ideal.min(rows)) < MIN_IDEAL {
        format!(
            "{base} With fewer than {MIN_IDEAL} of either kind, intervals are wide: read them together with the figures."
        )
    } else {
        base
    }
}

fn selection(input: &ReportInput) -> String {
    // Some policies exclude lost accounts.
    let learned = (0..input.rows()).filter(|row| input.ideal(*row).is_some());
    let lost = learned.filter(|row| input.outcome(*row).is_lost()).count();
    let seen = "The model was trained only on accounts that sales chose to approach; it knows nothing about others.";
    if lost == 0 {
        format!(
            "{seen} No lost account is among them, so it distinguishes good customers from other customers, not buyers from non-buyers."
        )
    } else {
        seen.to_owned()
    }
}

/// The treatment of prospects whose numbers are outside the range of the customers.
fn extrapolation_note(input: &ReportInput) -> Option<String> {
    let has_scale = |summary: &sweetspot_model::AttributeSummary| matches!(summary.kind, "number" | "date");
    input.model.attributes().iter().any(has_scale).then(|| {
        "A prospect whose numbers or dates lie beyond those of the customers is scored like the outermost of them. Its score names such \
         attributes, and is untested there."
            .to_owned()
    })
}

fn proxy_note(input: &ReportInput) -> Option<String> {
    let names: Vec<String> = input
        .model
        .attributes()
        .into_iter()
        .map(|attribute| attribute.attribute)
        .filter(|name| PROXY_WORDS.iter().any(|word| name.to_lowercase().contains(word)))
        .map(|name| input.attribute(&name).to_string())
        .collect();
    let unlisted = names.len().saturating_sub(MAX_NAMES);
    let more = if unlisted > 0 { format!(" and {unlisted} more") } else { String::new() };
    let shown: Vec<String> = names.into_iter().take(MAX_NAMES).collect();
    (!shown.is_empty()).then(|| {
        format!(
            "Some attributes describe a place or a size ({}{more}). Where territories or prices follow them, the model may reflect how you \
             sell, not who is a good customer.",
            shown.join(", ")
        )
    })
}

fn profit(input: &ReportInput) -> String {
    let valued = || input.customers.outcomes().iter().filter(|outcome| outcome.revenue().is_some());
    let with_value = valued().count() as u64;
    let with_costs =
        valued().filter(|outcome| outcome.cost_to_serve.is_some() || outcome.cost_to_acquire.is_some()).count() as u64;
    let customers = plural(with_value, "customer has", "customers have");
    let known = match (with_value, with_costs) {
        (0, _) => "no customer's value is known".to_owned(),
        (_, 0) => format!("{customers} a value, and none has a cost"),
        (_, costs) => format!("{customers} a value, and {} of them a cost", format_count(costs)),
    };
    format!("A good fit does not mean profitable: {known}.")
}

fn age(input: &ReportInput) -> String {
    let definition = &input.definition;
    let approval = match &definition.approval {
        Approval::Draft => "The definition is a draft that is not approved yet.".to_owned(),
        Approval::InReview { actor: by, .. } => format!("The definition is in review; {by} submitted it."),
        Approval::Approved { time: at, number, .. } => {
            let on = format_date(sweetspot_core::Date::from_timestamp(*at));
            let names = join_with_and(&definition.approver_names());
            format!("The definition was approved by {names} on {on}, as number {}.", format_count(*number))
        }
    };
    let review = match definition.review_date {
        None => "No date is set for its next review.".to_owned(),
        Some(date) if date <= input.as_of => format!("Its review was due on {}.", format_date(date)),
        Some(date) => format!("Its next review is on {}.", format_date(date)),
    };
    format!("{approval} {review}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_say_how_many_of_the_customers_they_stand_on() {
        let told = |rows, positives, labeled| {
            let evaluation = Evaluation { rows, positives, ..Evaluation::default() };
            sample(&evaluation, labeled)
        };
        let all = "All of this is based on 1,000 accounts that are ideal or not, 400 of them ideal.";
        assert_eq!(told(1_000, 400, 1_000), all);
        let some = "All of this is based on 16,476 of 41,188 accounts that are ideal or not, 1,856 of them ideal.";
        assert_eq!(told(16_476, 1_856, 41_188), some);
        assert!(told(60, 20, 60).contains("With fewer than 100 of either kind, intervals are wide"));
        assert!(told(0, 0, 3).starts_with("Nothing was judged"));
    }
}
