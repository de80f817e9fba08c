//! The overview as blocks.

use sweetspot_core::SamplingWeights;

use super::usability::hundredths;
use super::{AccountPattern, Overview, PatternSource, Usability, certainty, next_actions_panel};
use crate::document::{Block, CalloutKind, ColumnHead, Panel, PanelLine, RateBar, Table, TableCell};
use crate::format::{capitalize, to_sentence};
use crate::{Proportion, TierRow, format_count, format_percent, plural};

/// The maximum share of the ideal accounts, and of the value, that accounts to skip hold.
const MAX_LOST_SHARE: f64 = 0.1;

/// The overview as blocks, on one sheet.
#[must_use]
pub fn blocks(overview: &Overview) -> Vec<Block> {
    let title = Block::Heading(1, "At a glance".to_owned());
    let mut blocks = vec![title, headline(overview)];
    blocks.extend(rate_bars(overview));
    let meaning = format!("Ideal means: {}.", overview.ideal_meaning);
    blocks.push(Block::Text(shares(overview).into_iter().chain([meaning]).collect::<Vec<_>>().join(" ")));
    blocks.push(Block::Panels(vec![
        call(overview),
        skip(overview),
        next_actions_panel::panel(overview),
        certainty::panel(overview),
    ]));
    if overview.usability.can_rank() && !overview.tiers.is_empty() {
        blocks.push(Block::Table(tiers(&overview.tiers)));
    }
    blocks.push(Block::Text(overview.state.clone()));
    blocks
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
    let kinds = match call.as_slice() {
        [only] => format!("One kind of account stands out ({})", only.description),
        kinds => format!("{} kinds of accounts stand out", if kinds.len() == 2 { "Two" } else { "Three" }),
    };
    let (of_called, of_all) = (capitalize(&rate(called)), rate(all));
    let text = format!("{kinds}. {of_called} in 100 of them are ideal, {of_all} in 100 of all.");
    Block::Callout(CalloutKind::Finding, text)
}

/// What the accounts to call hold, in one sentence; `None` if there are none.
fn shares(overview: &Overview) -> Option<String> {
    let Overview { all, called, weights, called_value_share, .. } = overview;
    (called.total > 0).then(|| {
        let of_all = weights.total(called.part, called.total) / weights.total(all.part, all.total);
        let value = called_value_share.map(|share| {
            let times = share / of_all;
            format!(" and {} of the value: {times:.1} times the average value per account", format_percent(share))
        });
        format!(
            "They are {} of all accounts, with {} of the ideal ones{}.",
            format_percent(of_all),
            format_percent(called.part as f64 / all.part.max(1) as f64),
            value.unwrap_or_default()
        )
    })
}

/// ` and 39% of the value`; empty if it is unknown.
fn value_phrase(share: Option<f64>) -> String {
    share.map(|share| format!(" and {} of the value", format_percent(share))).unwrap_or_default()
}

fn rate_bars(overview: &Overview) -> Option<Block> {
    let Overview { all, called, weights, .. } = overview;
    let bar = |name: &str, share: Proportion| {
        let rate = share.weighted_rate(*weights)?;
        Some(RateBar { name: name.to_owned(), rate, label: format!("{} in 100 are ideal", hundredths(rate)) })
    };
    (called.total > 0)
        .then(|| Block::RateBars([bar("Call", *called), bar("All", *all)].into_iter().flatten().collect()))
}

fn call(overview: &Overview) -> Panel {
    let lead = match overview.call.len() {
        0 => Some("No kind of account is better than the others beyond chance. Choose by hand for now."),
        1 => None,
        _ => Some("An account can match several of these."),
    };
    let lines = lines(&overview.call, overview.weights).into_iter().chain(rest(overview)).collect();
    Panel { title: "Call".to_owned(), lead: lead.map(str::to_owned), lines }
}

/// Whether the accounts to skip hold so little that nothing is lost without them.
pub(super) fn is_little_lost(overview: &Overview) -> bool {
    let Overview { skipped, skipped_value_share, all, usability, .. } = overview;
    let ideal_share = skipped.part as f64 / all.part.max(1) as f64;
    *usability != Usability::Weak && ideal_share.max(skipped_value_share.unwrap_or_default()) <= MAX_LOST_SHARE
}

fn skip(overview: &Overview) -> Panel {
    let Overview { skip, skipped, skipped_value_share, all, weights, .. } = overview;
    let (title, advice) =
        if is_little_lost(overview) { ("Skip", "Skip these") } else { ("Call last", "Call these last") };
    let rate = skipped.weighted_rate(*weights).filter(|_| skipped.total > 0);
    let advice = format!("{}{advice}", none_to_skip(overview).unwrap_or_default());
    let unless = format!("{advice}, unless they also match Call");
    let mut lines = lines(skip, *weights);
    let lead = match (skip.as_slice(), rate) {
        ([], _) => "No kind of account is worse than the others beyond chance.".to_owned(),
        (_, None) => format!("{unless}."),
        (kinds, Some(rate)) => {
            let share = format_percent(skipped.part as f64 / all.part.max(1) as f64);
            let shares = format!("with {share} of the ideal ones{}", value_phrase(*skipped_value_share));
            let (rate, count) = (hundredths(rate), format_count(skipped.total));
            let total = plural(all.total, "account", "accounts");
            match (kinds, lines.as_mut_slice()) {
                // One kind has one set of figures.
                ([AccountPattern { source: PatternSource::Customers, .. }], [line]) => {
                    line.text = format!("{rate} in 100 are ideal ({count} of {total}, {shares}).");
                    format!("{unless}:")
                }
                _ => format!(
                    "{unless}: {count} of {total}, {shares}, {rate} in 100 are ideal. An account can match several."
                ),
            }
        }
    };
    let keep = skipped_value_share.filter(|share| *share > MAX_LOST_SHARE && !skip.is_empty());
    lines.extend(keep.map(|share| PanelLine {
        lead: "Keep the customers you have here".to_owned(),
        text: format!("they bring {} of the value. Call new ones only after the others.", format_percent(share)),
    }));
    Panel { title: title.to_owned(), lead: Some(lead), lines }
}

/// Why no account is to be skipped, as a sentence; `None` if some are.
fn none_to_skip(overview: &Overview) -> Option<String> {
    let Overview { skipped, skipped_value_share, all, usability, .. } = overview;
    if is_little_lost(overview) || skipped.total == 0 {
        return None;
    }
    if *usability == Usability::Weak {
        return Some("Skip none yet: too little is certain. ".to_owned());
    }
    let ideal_share = skipped.part as f64 / all.part.max(1) as f64;
    Some(match skipped_value_share.filter(|share| *share > ideal_share) {
        Some(value) => format!("Skip none: these hold {} of the value. ", format_percent(value)),
        None => format!("Skip none: these hold {} of the ideal ones. ", format_percent(ideal_share)),
    })
}

/// The accounts that match neither list.
fn rest(overview: &Overview) -> Option<PanelLine> {
    let Overview { others, call, skip, weights, .. } = overview;
    let is_listed = !call.is_empty() && !skip.is_empty() && !others.is_faint();
    let rate = others.weighted_rate(*weights).filter(|_| is_listed)?;
    let accounts = plural(others.total, "account", "accounts");
    let text = format!("{} in 100 are ideal ({accounts}).", hundredths(rate));
    Some(PanelLine { lead: "Then all others".to_owned(), text })
}

fn lines(patterns: &[AccountPattern], weights: SamplingWeights) -> Vec<PanelLine> {
    patterns.iter().map(|pattern| line(pattern, weights)).collect()
}

fn line(pattern: &AccountPattern, weights: SamplingWeights) -> PanelLine {
    let AccountPattern { description, attributes: _, source, customers, value_share, pain, example } = pattern;
    let accounts = plural(customers.total, "account", "accounts");
    let text = match (source, customers.weighted_rate(weights)) {
        (PatternSource::Customers, rate) => {
            let value =
                value_share.map(|share| format!(", {} of the value", format_percent(share))).unwrap_or_default();
            let pain = pain.as_ref().map(|pain| format!(" Pain: {}", to_sentence(pain))).unwrap_or_default();
            let example = example.as_ref().map(|name| format!(" Ideal customer: {name}.")).unwrap_or_default();
            format!("{} in 100 are ideal ({accounts}{value}).{pain}{example}", rate.map(hundredths).unwrap_or_default())
        }
        (PatternSource::ExclusionRule(author), Some(rate)) => {
            format!(
                "always, even if they match Call: ruled out by {author}. {} in 100 of {accounts} are ideal.",
                capitalize(&hundredths(rate))
            )
        }
        (PatternSource::ExclusionRule(author), None) => format!("ruled out by {author}. No customer was like this."),
        (PatternSource::Hypothesis(author), _) => format!("believed by {author}, not tested."),
    };
    PanelLine { lead: description.clone(), text }
}

fn tiers(tiers: &[TierRow]) -> Table {
    let is_valued = tiers.iter().any(|tier| tier.value.is_some());
    let heads = ["Of all accounts", "Ideal in the tier", "Of all ideal ones", "Of the value"];
    let heads = heads.iter().take(if is_valued { 4 } else { 3 });
    let percent = |share: Option<f64>| TableCell::from(share.map_or_else(String::new, format_percent));
    let row = |tier: &TierRow| {
        let mut cells = vec![
            tier.tier.letter().into(),
            percent(tier.share_of_all()),
            percent(tier.ideal.weighted_rate(tier.weights)),
            percent(tier.ideal_captured.rate()),
        ];
        cells.extend(is_valued.then(|| percent(tier.value)));
        cells
    };
    Table {
        caption: "All accounts by their scores, which use all attributes: tier A has the highest scores, D the lowest"
            .to_owned(),
        columns: std::iter::once(ColumnHead::text("Tier")).chain(heads.map(|head| ColumnHead::figure(head))).collect(),
        rows: tiers.iter().map(row).collect(),
    }
}
