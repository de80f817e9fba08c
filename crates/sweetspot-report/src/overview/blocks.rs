//! The overview as blocks.

use sweetspot_core::SamplingWeights;

use super::usability::hundredths;
use super::{AccountPattern, NextActions, NextCall, Overview, PatternSource, Usability};
use crate::document::{Block, CalloutKind, ColumnHead, Panel, PanelLine, RateBar, Table, TableCell};
use crate::format::{capitalize, join_with_and, to_sentence};
use crate::proof::MIN_IDEAL_CAPTURED;
use crate::{Acceptance, CriterionResult, Proportion, TierRow, format_count, format_percent, plural};

/// The maximum share of the ideal accounts, and of the value, that accounts to skip hold.
const MAX_LOST_SHARE: f64 = 0.1;

/// The overview as blocks, on one sheet.
#[must_use]
pub fn blocks(overview: &Overview) -> Vec<Block> {
    let title = Block::Heading(1, "At a glance".to_owned());
    let mut blocks = vec![title, Block::Text(overview.state.clone()), headline(overview)];
    blocks.extend(rate_bars(overview));
    let meaning = format!("Ideal means: {}.", overview.ideal_meaning);
    blocks.push(Block::Text(shares(overview).into_iter().chain([meaning]).collect::<Vec<_>>().join(" ")));
    blocks.push(Block::Panels(vec![call(overview), skip(overview), certainty(overview), next_actions(overview)]));
    if overview.usability.can_rank() && !overview.tiers.is_empty() {
        blocks.push(Block::Table(tiers(&overview.tiers)));
    }
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
    let kinds = match call.len() {
        1 => "One kind of account stands out".to_owned(),
        count => format!("{} kinds of accounts stand out", if count == 2 { "Two" } else { "Three" }),
    };
    let text =
        format!("{kinds}: {} in 100 of them are ideal, compared with {} in 100 of all.", rate(called), rate(all));
    Block::Callout(CalloutKind::Finding, text)
}

/// What the accounts to call hold, in one sentence; `None` if there are none.
fn shares(overview: &Overview) -> Option<String> {
    let Overview { all, called, weights, called_value_share, .. } = overview;
    (called.total > 0).then(|| {
        let of_all = weights.total(called.part, called.total) / weights.total(all.part, all.total);
        format!(
            "They are {} of all accounts, with {} of the ideal ones{}.",
            format_percent(of_all),
            format_percent(called.part as f64 / all.part.max(1) as f64),
            value_phrase(*called_value_share)
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
        .then(|| Block::RateBars([bar("These", *called), bar("All", *all)].into_iter().flatten().collect()))
}

fn call(overview: &Overview) -> Panel {
    let lead = match overview.call.len() {
        0 => Some("No kind of account is better than the others beyond chance. Choose by hand for now."),
        1 => None,
        _ => Some("An account can match several of these."),
    };
    Panel { title: "Call".to_owned(), lead: lead.map(str::to_owned), lines: lines(&overview.call, overview.weights) }
}

/// Whether the accounts to skip hold so little that nothing is lost without them.
fn is_little_lost(overview: &Overview) -> bool {
    let Overview { skipped, skipped_value_share, all, usability, .. } = overview;
    let ideal_share = skipped.part as f64 / all.part.max(1) as f64;
    *usability != Usability::Weak && ideal_share.max(skipped_value_share.unwrap_or_default()) <= MAX_LOST_SHARE
}

fn skip(overview: &Overview) -> Panel {
    let Overview { skip, skipped, skipped_value_share, all, weights, .. } = overview;
    let title = if is_little_lost(overview) { "Skip" } else { "Call last" };
    let rate = skipped.weighted_rate(*weights).filter(|_| skipped.total > 0);
    let mut lines = lines(skip, *weights);
    let lead = match (skip.as_slice(), rate) {
        ([], _) => "No kind of account is worse than the others beyond chance.".to_owned(),
        (_, None) => "Unless they match Call.".to_owned(),
        (kinds, Some(rate)) => {
            let figures = format!(
                "{} in 100 are ideal ({} of {}, with {} of the ideal ones{}).",
                hundredths(rate),
                format_count(skipped.total),
                plural(all.total, "account", "accounts"),
                format_percent(skipped.part as f64 / all.part.max(1) as f64),
                value_phrase(*skipped_value_share)
            );
            match (kinds, lines.as_mut_slice()) {
                // One kind has one set of figures.
                ([AccountPattern { source: PatternSource::Customers, .. }], [line]) => {
                    line.text = figures;
                    "Unless they match Call:".to_owned()
                }
                _ => format!("Unless they match Call. Of the others, {figures}"),
            }
        }
    };
    let keep = skipped_value_share.filter(|share| *share > MAX_LOST_SHARE && !skip.is_empty());
    lines.extend(keep.map(|share| PanelLine {
        lead: "Keep those you have".to_owned(),
        text: format!("they bring {} of the value. Do not look for more.", format_percent(share)),
    }));
    Panel { title: title.to_owned(), lead: Some(lead), lines }
}

fn lines(patterns: &[AccountPattern], weights: SamplingWeights) -> Vec<PanelLine> {
    patterns.iter().map(|pattern| line(pattern, weights)).collect()
}

fn line(pattern: &AccountPattern, weights: SamplingWeights) -> PanelLine {
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
    let Overview { usability, usability_reason, unknowns, .. } = overview;
    let lines = [
        best_tiers(overview).filter(|_| usability.can_rank()),
        best_against_worst(overview).filter(|_| usability.can_rank()),
        unordered_tiers(overview).filter(|_| usability.can_rank()),
        (!unknowns.is_empty())
            .then(|| PanelLine { lead: "Not known yet".to_owned(), text: to_sentence(&unknowns.join("; ")) }),
    ];
    let Acceptance { ideal_captured, ratio, .. } = &overview.acceptance;
    let misses = [ideal_captured, ratio].iter().filter(|target| target.result == CriterionResult::NotMet).count();
    let (label, advice) = match usability {
        Usability::Usable if misses > 0 => {
            let what = if misses > 1 { "both targets" } else { "a target" };
            ("limited", format!("It misses {what}: decide by it whom to call first, not whom to drop. "))
        }
        Usability::Usable if [ideal_captured, ratio].iter().all(|target| target.result == CriterionResult::Met) => {
            ("good", "It reaches both targets. ".to_owned())
        }
        Usability::Usable => ("usable", "More customers must show whether it reaches both targets. ".to_owned()),
        Usability::Weak => ("weak", "Try it on a few accounts before you rely on it. ".to_owned()),
        Usability::NotUsable => ("not usable", String::new()),
        Usability::Untested => ("not tested", String::new()),
    };
    Panel {
        title: format!("How sure: {label}"),
        lead: Some(format!("{advice}{usability_reason}")),
        lines: lines.into_iter().flatten().collect(),
    }
}

/// What tiers A and B hold, with what is possible at most if that is less than required.
fn best_tiers(overview: &Overview) -> Option<PanelLine> {
    let Acceptance { inside, ideal_captured, .. } = &overview.acceptance;
    let (inside, captured) = (inside.observed?.value, ideal_captured.observed?);
    let possible = inside / overview.all.weighted_rate(overview.weights)?;
    let limit = if possible < MIN_IDEAL_CAPTURED {
        format!("; they can hold at most {}", format_percent(possible))
    } else {
        String::new()
    };
    let text = format!(
        "{} of the accounts hold {} of the ideal ones ({} to {}; target: {}{limit}).",
        format_percent(inside),
        format_percent(captured.value),
        format_percent(captured.low),
        format_percent(captured.high),
        ideal_captured.requirement.trim_end_matches(" of them")
    );
    Some(PanelLine { lead: "The best accounts, tiers A and B".to_owned(), text })
}

fn best_against_worst(overview: &Overview) -> Option<PanelLine> {
    let ratio = &overview.acceptance.ratio;
    let text = format!("{} as many are ideal; target: {}.", ratio.observed_text()?, ratio.requirement);
    Some(PanelLine { lead: "Tier A against tier D".to_owned(), text })
}

/// The tiers that are worse than the next one.
fn unordered_tiers(overview: &Overview) -> Option<PanelLine> {
    let rated: Vec<(&TierRow, f64)> =
        overview.tiers.iter().filter_map(|tier| Some((tier, tier.ideal.weighted_rate(tier.weights)?))).collect();
    let worse = rated.windows(2).filter_map(|pair| match pair {
        [(better, rate), (next, next_rate)] if rate < next_rate => Some(format!(
            "tier {} has a lower rate of ideal accounts than tier {}: {} in 100 against {}",
            better.tier.letter(),
            next.tier.letter(),
            hundredths(*rate),
            hundredths(*next_rate)
        )),
        _ => None,
    });
    let worse: Vec<String> = worse.collect();
    (!worse.is_empty()).then(|| PanelLine { lead: "Not in order".to_owned(), text: to_sentence(&worse.join("; ")) })
}

fn next_actions(overview: &Overview) -> Panel {
    let NextActions { call, stop, stop_count, questions, interviewees } = &overview.next;
    let mut lines: Vec<PanelLine> = call.iter().map(call_line).collect();
    let lead = (!lines.is_empty()).then(|| "Call, with the chance of being ideal:".to_owned());
    let mut add = |lead: &str, text: String| lines.push(PanelLine { lead: lead.to_owned(), text });
    if call.is_empty() {
        let text = if overview.usability.can_rank() {
            "the prospects that match the above. With a list of prospects, this sheet names the ten best."
        } else {
            "accounts that you would choose by hand: this version cannot rank them."
        };
        add("Call", text.to_owned());
    }
    if !stop.is_empty() {
        let more = stop_count - stop.len() as u64;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        add("Stop calling", format!("{}{more}.", stop.join(", ")));
    } else if !overview.skip.is_empty() && is_little_lost(overview) {
        add("Stop calling", "the accounts under Skip.".to_owned());
    }
    if !questions.is_empty() {
        let texts: Vec<&str> = questions.iter().map(|question| question.text()).collect();
        let names = if interviewees.is_empty() {
            "five customers that you would like to have more of".to_owned()
        } else {
            format!(
                "the ideal {} {}",
                if interviewees.len() == 1 { "customer" } else { "customers" },
                join_with_and(interviewees)
            )
        };
        add(&format!("Ask {names}"), texts.join(" "));
    }
    Panel { title: "On Monday".to_owned(), lead, lines }
}

/// `Acme: 86%, for contract: Two year`.
fn call_line(account: &NextCall) -> PanelLine {
    let NextCall { name, probability, reason, .. } = account;
    let is_number = name.chars().all(|c| c.is_ascii_digit());
    let lead = if is_number { format!("Account {name}") } else { name.clone() };
    let reason = reason.as_ref().map(|reason| format!(", for {reason}")).unwrap_or_default();
    PanelLine { lead, text: format!("{}{reason}", format_percent(*probability)) }
}

fn tiers(tiers: &[TierRow]) -> Table {
    let is_valued = tiers.iter().any(|tier| tier.value.is_some());
    let heads = ["of all accounts", "are ideal", "of the ideal ones", "of the value"];
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
        caption: "Tiers, from the best accounts (A) to the worst (D): what each holds".to_owned(),
        columns: std::iter::once(ColumnHead::text("tier")).chain(heads.map(|head| ColumnHead::figure(head))).collect(),
        rows: tiers.iter().map(row).collect(),
    }
}
