//! The list as blocks.

use super::value_formatter::AttributeValueFormatter;
use super::{RankCriterion, TargetList, distribution_shift, tables, waterfall_chart};
use crate::format::to_sentence;
use crate::{Block, CalloutKind, ReportInput, format_count, plural, prospect_chart};

/// A list, with the number of accounts that are not on it.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetDocument {
    /// The list; the document shows the accounts that it contains.
    pub list: TargetList,
    /// Accounts that the request excluded by id.
    pub excluded_count: u64,
    /// Rows that cannot be ranked.
    pub unusable_count: u64,
    /// Invalid values, which the ranking treats as missing.
    pub ignored_value_count: u64,
    /// Warnings about the request, one sentence each.
    pub warnings: Vec<String>,
}

/// The document as blocks.
#[must_use]
pub fn blocks(document: &TargetDocument, input: &ReportInput) -> Vec<Block> {
    let TargetDocument {
        list,
        excluded_count: left_out,
        unusable_count: unusable,
        ignored_value_count: ignored,
        warnings,
    } = document;
    let mut blocks = vec![Block::Heading(1, "Target accounts".to_owned())];
    if list.accounts == 0 {
        let text = "The list has no accounts: every prospect was left out, or none was given.";
        blocks.push(Block::Callout(CalloutKind::Missing, text.to_owned()));
        return blocks;
    }
    blocks.push(Block::Callout(CalloutKind::Finding, finding(list)));
    blocks.push(Block::Table(tables::tier_table(&list.tiers)));
    if *left_out > 0 {
        blocks
            .push(Block::Text(format!("{} left out by their id.", plural(*left_out, "account was", "accounts were"))));
    }
    if *unusable > 0 {
        let rows = plural(*unusable, "row", "rows");
        let text = format!("{rows} of the list cannot be ranked: each needs a unique id and readable values.");
        blocks.push(Block::Callout(CalloutKind::Caution, text));
    }
    if *ignored > 0 {
        let values = plural(*ignored, "value of an attribute is", "values of attributes are");
        let text = format!(
            "{values} not used, because an account has the attribute twice, or because the text or the list is too long."
        );
        blocks.push(Block::Callout(CalloutKind::Caution, text));
    }
    blocks.extend(warnings.iter().map(|warning| Block::Callout(CalloutKind::Caution, to_sentence(warning))));
    let words = AttributeValueFormatter::new(input);
    blocks.extend(accounts(list, &words));
    blocks.extend(scores(list, &words));
    blocks.push(Block::Heading(2, "Where the list is scored".to_owned()));
    blocks.push(Block::Chart(Box::new(prospect_chart(&list.scores, input))));
    blocks.extend(distribution_shift::blocks(&list.shifts, |attribute| words.is_amount(attribute)));
    if !list.is_whole {
        blocks.push(Block::Heading(2, "How this list differs from the customers".to_owned()));
        let text =
            "Only the best accounts of the list are available here, and these differ because they were selected.";
        blocks.push(Block::Callout(CalloutKind::Missing, text.to_owned()));
    }
    blocks
}

fn finding(list: &TargetList) -> String {
    let accounts = plural(list.accounts, "account is", "accounts are");
    let order = match list.order {
        RankCriterion::Probability => "most probable first",
        RankCriterion::ExpectedValue => "highest expected value first",
    };
    match list.tiers.first() {
        Some(best) if best.accounts > 0 => format!(
            "{accounts} ranked, {order}. {} in tier {}, of which about {} can be expected to be ideal.",
            plural(best.accounts, "account is", "accounts are"),
            best.tier.letter(),
            if best.expected_ideal < 9.95 {
                format!("{:.1}", best.expected_ideal)
            } else {
                format_count(best.expected_ideal.round() as u64)
            },
        ),
        Some(_) | None => format!("{accounts} ranked, {order}. None reaches the best tier."),
    }
}

/// The accounts, and the next steps for them.
fn accounts(list: &TargetList, words: &AttributeValueFormatter) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(2, "Whom to work on first".to_owned())];
    blocks.push(Block::Table(tables::account_table(list, words)));
    let more = list.accounts.saturating_sub(list.targets.len() as u64);
    if more > 0 {
        blocks.push(Block::Text(format!("And {} more.", format_count(more))));
    }
    blocks.push(Block::Table(tables::reason_table(list, words)));
    let compared = if list.compared_with_ideal {
        "Look-alikes are the ideal customers that fit for the same reasons."
    } else {
        "No customer is known to be ideal, so look-alikes are any customers that fit for the same reasons."
    };
    let (heading, step) = if list.has_changeable_attributes {
        let step =
            " A next step shows the fit of an account with these values, not what happens if you change the account.";
        ("Look-alikes and next steps", step)
    } else {
        ("Look-alikes", "")
    };
    blocks.push(Block::Heading(2, heading.to_owned()));
    blocks.push(Block::Text(format!("{compared}{step}")));
    blocks.push(Block::Table(tables::next_step_table(list, words)));
    blocks
}

/// The waterfall charts of the best scores.
fn scores(list: &TargetList, words: &AttributeValueFormatter) -> Vec<Block> {
    let charts: Vec<Block> = list
        .targets
        .iter()
        .filter_map(|target| waterfall_chart::chart(target, words))
        .map(|chart| Block::Chart(Box::new(chart)))
        .collect();
    if charts.is_empty() {
        return charts;
    }
    let mut blocks = vec![Block::Heading(2, "How the best scores are composed".to_owned())];
    blocks.push(Block::Text(
        "From the average customer, each value of an account moves the log-odds of being ideal up or down. The steps add up \
         exactly; their figures are rounded."
            .to_owned(),
    ));
    blocks.extend(charts);
    blocks
}
