//! The ICP summary as blocks.

use sweetspot_core::{IcpCategory, Stance};

use super::super::factor_chart::effects;
use super::super::format::{capitalize, part_of_whole, to_sentence};
use super::super::{Block, CalloutKind, Factor, ReportInput, format_percent, plural};
use super::answer_blocks::{buying_blocks, spiced_blocks};
use super::audiences::{audience_blocks, verified_profile};
use super::hypothesis_blocks::{hypothesis_table, introduction};
use super::interview_blocks::interview_blocks;
use super::{CategorySummary, Summary};
use crate::unanswered_sections::list_unknown_sections;

/// The summary as blocks.
#[must_use]
pub fn blocks(input: &ReportInput, summary: &Summary) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Ideal customer profile".to_owned()), opening(summary)];
    blocks.push(Block::Text(who_is_ideal(input, summary)));
    let rate = input.labels.card.base_rate.or(summary.customers.rate());
    blocks.extend(rate.and_then(odds_example).map(Block::Text));
    blocks.extend(introduction(summary));
    for part in &summary.parts {
        blocks.extend(category_blocks(part, summary));
    }
    blocks.extend(second_look_blocks(summary));
    blocks.extend(spiced_blocks(summary));
    blocks.extend(buying_blocks(summary));
    blocks.extend(interview_blocks(summary));
    blocks.extend(verified_profile(summary, input.currency()));
    blocks.extend(exclusion_blocks(summary));
    blocks.extend(audience_blocks(summary));
    blocks = list_unknown_sections(&blocks, "Not known yet");
    blocks.push(Block::Heading(2, "How certain this is".to_owned()));
    blocks.push(Block::Text(summary.verdict.clone()));
    let segment_note = Some(&summary.segment_note).filter(|note| !note.is_empty());
    let cautions = summary.cautions.iter().cloned().chain(segment_note.map(|note| to_sentence(note)));
    blocks.push(Block::List(cautions.collect()));
    blocks
}

fn opening(summary: &Summary) -> Block {
    match &summary.headline {
        Some(opening) => Block::Callout(CalloutKind::Finding, opening.sentence()),
        None if summary.customers.total == 0 => Block::Callout(
            CalloutKind::Missing,
            "There are no customers yet: this profile states hypotheses, to be tested against the first customers."
                .to_owned(),
        ),
        None => {
            let customers = plural(summary.customers.total, "customer", "customers");
            let text = format!("No attribute sets ideal customers apart, judging by {customers}.");
            Block::Callout(CalloutKind::Missing, text)
        }
    }
}

/// What an odds ratio means at this rate; `None` if all or no customers are ideal.
fn odds_example(rate: f64) -> Option<String> {
    let doubled = 2.0 * rate / (1.0 + rate);
    let in_hundred = |rate: f64| format_percent(rate).trim_end_matches('%').to_owned();
    (rate > 0.0 && rate < 1.0).then(|| {
        format!(
            "How to read the effects: a value with 2 × the odds turns {} ideal customers in 100 into {}, all else equal.",
            in_hundred(rate),
            in_hundred(doubled)
        )
    })
}

fn who_is_ideal(input: &ReportInput, summary: &Summary) -> String {
    let (share, rule) = (summary.customers, summary.rule.trim_start_matches("ideal: "));
    let Some(rate) = share.rate() else {
        return format!("Ideal means: {rule}. It is not known for any customer.");
    };
    let value = summary.value_share.filter(|_| share.part > 0);
    let (are, hold) = if share.part == 1 { ("is", "holds") } else { ("are", "hold") };
    let value =
        value.map(|share| format!(", and {hold} {} of the net value", format_percent(share))).unwrap_or_default();
    let customers = part_of_whole(share.part, share.total, "customer", "customers");
    let real = input.labels.card.base_rate.map(|rate| format!("; of all accounts, {} are", format_percent(rate)));
    format!(
        "Ideal means: {rule}. {customers} {are} ideal ({}{}){value}.",
        format_percent(rate),
        real.unwrap_or_default()
    )
}

/// The question that each category answers (Upland, "Mining Your Customers").
const fn title(category: IcpCategory) -> &'static str {
    match category {
        IcpCategory::Firmographics => "Firmographics: who should you call?",
        IcpCategory::BusinessProblem => "Customer business problem: what problem do they have?",
        IcpCategory::ImpactPotential => "Positive impact potential: will they be successful?",
    }
}

fn category_blocks(part: &CategorySummary, summary: &Summary) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(2, title(part.category).to_owned())];
    // Positive factors come before neutral ones.
    let is_positive = |factor: &&Factor| factor.stance == Stance::Positive;
    let positive: Vec<Factor> = part.factors.iter().filter(is_positive).cloned().collect();
    let neutral_count = part.factors.len() - positive.len();
    let (omitted_positive, unsure) =
        if neutral_count == 0 { (part.omitted_factors, 0) } else { (0, neutral_count + part.omitted_factors) };
    let unsure = (unsure > 0).then(|| {
        format!("{} not certain either way.", plural(unsure as u64, "other value here is", "other values here are"))
    });
    let hypotheses = hypothesis_table(summary, part.category);
    if positive.is_empty() && hypotheses.is_empty() {
        if !part.attributes.is_empty() {
            let text = "No value here is certainly associated with being ideal, judging by the customers.";
            blocks.push(Block::Callout(CalloutKind::Missing, text.to_owned()));
        } else if part.findings.is_empty() {
            let text = "The model has no attribute in this category, and no hypothesis or finding is stated for it.";
            blocks.push(Block::Callout(CalloutKind::Missing, text.to_owned()));
        }
    } else if !positive.is_empty() {
        blocks.push(Block::Chart(Box::new(effects(&positive, omitted_positive, "Associated with being ideal"))));
        blocks.extend(unsure.map(Block::Text));
    }
    let many_values = summary.many_values.iter().filter(|many| many.category == part.category);
    blocks.extend(many_values.map(|many| Block::Text(capitalize(&many.sentence()))));
    blocks.extend(hypotheses);
    if !part.findings.is_empty() {
        blocks.push(Block::List(part.findings.clone()));
    }
    blocks
}

fn second_look_blocks(summary: &Summary) -> Vec<Block> {
    if summary.second_looks.is_empty() {
        return Vec::new();
    }
    vec![
        Block::Heading(2, "Second looks: where two attributes together change the verdict".to_owned()),
        Block::List(summary.second_looks.clone()),
    ]
}

fn exclusion_blocks(summary: &Summary) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(2, "What rules an account out".to_owned())];
    if !summary.exclusion_rules.is_empty() {
        let rules = summary.exclusion_rules.iter().map(|(severity, rule)| format!("{}: {rule}", severity.as_str()));
        blocks.push(Block::List(rules.collect()));
    }
    if summary.negative_factors.is_empty() {
        blocks.push(Block::Callout(
            CalloutKind::Missing,
            "No attribute clearly counts against an account yet.".to_owned(),
        ));
    } else {
        blocks.push(Block::Chart(Box::new(effects(
            &summary.negative_factors,
            summary.omitted_negative_factors,
            "Associated with not being ideal",
        ))));
    }
    blocks
}
