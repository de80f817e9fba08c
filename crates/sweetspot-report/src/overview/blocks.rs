//! The overview as blocks.

use sweetspot_core::RowWeights;

use super::usability::hundredths;
use super::{AccountPattern, NextActions, Overview, PatternSource, Usability};
use crate::document::{Block, CalloutKind, ColumnHead, Panel, PanelLine, RateBar, Table, TableCell};
use crate::format::{capitalize, to_sentence};
use crate::{Proportion, TierRow, format_count, format_percent, plural};

/// The sheet.
#[must_use]
pub fn blocks(overview: &Overview) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "At a glance".to_owned()), headline(overview)];
    blocks.extend(rate_bars(overview));
    blocks.push(Block::Text(format!("Ideal means: {}.", overview.ideal_meaning)));
    blocks.push(Block::Panels(vec![call(overview), skip(overview), certainty(overview), next_actions(overview)]));
    if has_signal(overview) && !overview.tiers.is_empty() {
        blocks.push(Block::Table(tiers(&overview.tiers)));
    }
    blocks.push(Block::Text(overview.state.clone()));
    blocks
}

fn has_signal(overview: &Overview) -> bool {
    matches!(overview.usability, Usability::Usable | Usability::Weak)
}

fn headline(overview: &Overview) -> Block {
    let Overview { all, called, weights, call, usability, .. } = overview;
    let rate = |share: &Proportion| share.weighted_rate(*weights).map(hundredths).unwrap_or_default();
    if *usability == Usability::Untested && !call.is_empty() {
        let text = "No customers have tested this yet: it states what people believe.";
        return Block::Callout(CalloutKind::Missing, text.to_owned());
    }
    if called.total == 0 {
        let text = if all.total == 0 {
            "There are no customers yet, and no beliefs.".to_owned()
        } else {
            format!(
                "Nothing sets ideal customers apart yet, judging by {}.",
                plural(all.total, "customer", "customers")
            )
        };
        return Block::Callout(CalloutKind::Missing, text);
    }
    let kinds = match call.len() {
        1 => "One kind of account stands out".to_owned(),
        count => format!("{} kinds of accounts stand out", if count == 2 { "Two" } else { "Three" }),
    };
    let share_of_all = weights.total(called.part, called.total) / weights.total(all.part, all.total);
    let value = overview
        .called_value_share
        .map(|share| format!(" and {} of the value", format_percent(share)))
        .unwrap_or_default();
    let text = format!(
        "{kinds}: {} of all accounts, with {} of the ideal ones{value}. {} in 100 of them are ideal, compared with {} in 100 of all.",
        format_percent(share_of_all),
        format_percent(called.part as f64 / all.part.max(1) as f64),
        capitalize(&rate(called)),
        rate(all),
    );
    Block::Callout(CalloutKind::Finding, text)
}

fn rate_bars(overview: &Overview) -> Option<Block> {
    let Overview { all, called, weights, .. } = overview;
    let bar = |name: &str, share: Proportion| {
        let rate = share.weighted_rate(*weights)?;
        Some(RateBar { name: name.to_owned(), rate, label: format!("{} in 100 are ideal", hundredths(rate)) })
    };
    (called.total > 0)
        .then(|| Block::RateBars([bar("These", *called), bar("All", *all)].into_iter().flatten().collect()))
}

fn call(overview: &Overview) -> Panel {
    let lead = (overview.call.is_empty())
        .then(|| "No kind of account is better than the others beyond chance. Choose by hand for now.".to_owned());
    Panel { title: "Call".to_owned(), lead, lines: lines(&overview.call, overview.weights) }
}

fn skip(overview: &Overview) -> Panel {
    let Overview { skip, skipped, all, .. } = overview;
    let lead = if skip.is_empty() {
        "No kind of account is worse than the others beyond chance.".to_owned()
    } else if skipped.total > 0 && !overview.call.is_empty() {
        format!(
            "Unless it is one to call. Of the {} so far, that leaves out {}, and {} of the {} ideal ones.",
            plural(all.total, "account", "accounts"),
            format_count(skipped.total),
            format_count(skipped.part),
            format_count(all.part)
        )
    } else {
        "Unless it is one to call.".to_owned()
    };
    Panel { title: "Skip".to_owned(), lead: Some(lead), lines: lines(skip, overview.weights) }
}

fn lines(patterns: &[AccountPattern], weights: RowWeights) -> Vec<PanelLine> {
    patterns.iter().map(|pattern| line(pattern, weights)).collect()
}

fn line(pattern: &AccountPattern, weights: RowWeights) -> PanelLine {
    let AccountPattern { description, source, customers, value_share, pain, example } = pattern;
    let accounts = plural(customers.total, "account", "accounts");
    let text = match (source, customers.weighted_rate(weights)) {
        (PatternSource::Customers, rate) => {
            let value =
                value_share.map(|share| format!(", {} of the value", format_percent(share))).unwrap_or_default();
            let pain = pain.as_ref().map(|pain| format!(" Pain: {}", to_sentence(pain))).unwrap_or_default();
            let example = example.as_ref().map(|name| format!(" Example: {name}.")).unwrap_or_default();
            format!("{} in 100 are ideal ({accounts}{value}).{pain}{example}", rate.map(hundredths).unwrap_or_default())
        }
        (PatternSource::ExclusionRule(author), Some(rate)) => {
            format!("ruled out by {author}. {} in 100 of {accounts} were ideal.", capitalize(&hundredths(rate)))
        }
        (PatternSource::ExclusionRule(author), None) => format!("ruled out by {author}. No customer was like this."),
        (PatternSource::Hypothesis(author), _) => format!("believed by {author}, not tested."),
    };
    PanelLine { lead: description.clone(), text }
}

fn certainty(overview: &Overview) -> Panel {
    let criteria =
        overview.acceptance.criteria().into_iter().filter(|_| has_signal(overview)).filter_map(|criterion| {
            let observed = criterion.observed_text()?;
            let text = format!("{observed} (wanted: {}), {}.", criterion.requirement, criterion.result.label());
            Some(PanelLine { lead: criterion.name.to_owned(), text })
        });
    let unknown = (!overview.unknowns.is_empty())
        .then(|| PanelLine { lead: "Not known yet".to_owned(), text: to_sentence(&overview.unknowns.join("; ")) });
    Panel {
        title: format!("How sure: {}", overview.usability.label().to_lowercase()),
        lead: Some(overview.usability_reason.clone()),
        lines: criteria.chain(unknown).collect(),
    }
}

fn next_actions(overview: &Overview) -> Panel {
    let NextActions { call, stop, stop_count, questions, interviewees } = &overview.next;
    let mut lines = Vec::new();
    let mut add = |lead: &str, text: String| lines.push(PanelLine { lead: lead.to_owned(), text });
    if call.is_empty() {
        add(
            "Call",
            if has_signal(overview) {
                "the best accounts of your list of prospects. Make this report with the list, and they stand here."
            } else {
                "accounts that you would choose by hand: this version cannot rank them."
            }
            .to_owned(),
        );
    } else {
        add(&format!("Call {}", if call.len() == 1 { "this one" } else { "these" }), format!("{}.", call.join(", ")));
    }
    if !stop.is_empty() {
        let more = stop_count - stop.len() as u64;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        add("Stop calling", format!("{}{more}.", stop.join(", ")));
    } else if !overview.skip.is_empty() {
        add("Stop calling", "accounts under Skip.".to_owned());
    }
    if !questions.is_empty() {
        let texts: Vec<&str> = questions.iter().map(|question| question.text()).collect();
        let names = if interviewees.is_empty() {
            "five customers that you would like to have more of".to_owned()
        } else {
            interviewees.join(", ")
        };
        add(&format!("Ask {names}"), texts.join(" "));
    }
    Panel { title: "On Monday".to_owned(), lead: None, lines }
}

fn tiers(tiers: &[TierRow]) -> Table {
    let is_valued = tiers.iter().any(|tier| tier.value.is_some());
    let heads = ["of all accounts", "of the ideal ones", "of the value"];
    let heads = heads.iter().take(if is_valued { 3 } else { 2 });
    let percent = |share: Option<f64>| TableCell::from(share.map_or_else(String::new, format_percent));
    let row = |tier: &TierRow| {
        let mut cells =
            vec![tier.tier.letter().into(), percent(tier.share_of_all()), percent(tier.ideal_captured.rate())];
        cells.extend(is_valued.then(|| percent(tier.value)));
        cells
    };
    Table {
        caption: "Tiers, from the best accounts (A) to the worst (D): what each holds".to_owned(),
        columns: std::iter::once(ColumnHead::text("tier")).chain(heads.map(|head| ColumnHead::figure(head))).collect(),
        rows: tiers.iter().map(row).collect(),
    }
}
