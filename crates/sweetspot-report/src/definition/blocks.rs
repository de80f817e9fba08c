//! The definition as blocks of a page.

use sweetspot_core::{ApprovedDefinitionVersion, Attribution, Date};

use super::{
    DefinitionView, ExclusionRuleView, FindingView, HypothesisView, approval_text, author_and_date, comment_blocks,
};
use crate::format::{condition_text, exclusion_rule_text};
use crate::pond::section_name;
use crate::summary::spiced_name;
use crate::{
    Block, CalloutKind, ColumnHead, Table, TableCell, format_count, format_date, format_number, format_percent, plural,
};

/// The page of a definition, as blocks.
#[must_use]
pub fn blocks(view: &DefinitionView) -> Vec<Block> {
    let mut page = vec![Block::Heading(1, "The living definition".to_owned()), Block::Text(approval_text::state(view))];
    page.extend(approval_text::committee(&view.committee).map(Block::Text));
    page.push(review(view));
    versions(view, &mut page);
    if view.is_empty() {
        let text = "Nothing has been stated yet. Hypotheses, exclusion rules, findings and comments appear here, each with its \
                    author, date and reason.";
        page.push(Block::Callout(CalloutKind::Missing, text.to_owned()));
        return page;
    }
    hypotheses(view, &mut page);
    exclusion_rules(view, &mut page);
    findings(view, &mut page);
    comment_blocks::comments(view, &mut page);
    page
}

fn review(view: &DefinitionView) -> Block {
    match (view.review_date, view.is_review_due) {
        (None, _) => Block::Callout(CalloutKind::Missing, "No review is due: no date has been set.".to_owned()),
        (Some(on), true) => Block::Callout(CalloutKind::Caution, format!("Its review was due on {}.", format_date(on))),
        (Some(on), false) => Block::Text(format!("Its next review is due on {}.", format_date(on))),
    }
}

fn versions(view: &DefinitionView, page: &mut Vec<Block>) {
    page.push(Block::Heading(2, "What was approved".to_owned()));
    let Some(oldest) = view.approved.last() else {
        page.push(Block::Callout(CalloutKind::Missing, "No version has been approved yet.".to_owned()));
        return;
    };
    let row = |version: &ApprovedDefinitionVersion| {
        let (number, model) = (format_count(version.number), format_count(version.version));
        vec![
            number.into(),
            approval_text::approvers(version).into(),
            format_date(Date::from_timestamp(version.time)).into(),
            model.into(),
        ]
    };
    page.push(Block::Table(Table {
        caption: "Approved versions of this profile, newest first, each with its version of the model".to_owned(),
        columns: vec![
            ColumnHead::figure("Profile"),
            ColumnHead::text("Approved by"),
            ColumnHead::text("On"),
            ColumnHead::figure("Model version"),
        ],
        rows: view.approved.iter().map(row).collect(),
    }));
    // Version numbers are consecutive, from 1.
    if oldest.number > 1 {
        let older = plural(oldest.number - 1, "older one is", "older ones are");
        page.push(Block::Text(format!("{older} left out.")));
    }
}

fn hypotheses(view: &DefinitionView, page: &mut Vec<Block>) {
    page.push(Block::Heading(2, "Hypotheses".to_owned()));
    if view.hypotheses.is_empty() {
        page.push(Block::Callout(CalloutKind::Missing, "No hypothesis has been stated yet.".to_owned()));
        return;
    }
    let heads = [
        ColumnHead::text("Hypothesis"),
        ColumnHead::figure("Stated odds"),
        ColumnHead::figure("Customers show (90%)"),
        ColumnHead::text("Verdict"),
        ColumnHead::figure("Ideal (95%)"),
        ColumnHead::text("Stated by"),
    ];
    let rows = view.hypotheses.iter().map(hypothesis).collect();
    let caption = "Hypotheses, each with the odds ratio that the customers show".to_owned();
    page.push(Block::Table(Table { caption, columns: heads.into(), rows }));
}

fn hypothesis(view: &HypothesisView) -> Vec<TableCell> {
    let stated = &view.entry.hypothesis;
    let when = condition_text(&stated.when, &view.attribute);
    let statement = stated.statement.trim();
    let hypothesis_text = if statement.is_empty() { when } else { format!("{statement} ({when})") };
    let estimate = view.result.and_then(|result| result.customer_effect).map(|effect| {
        let (low, high) = effect.interval();
        format!(
            "{} ({} to {})",
            format_number(effect.log_odds.exp()),
            format_number(low.exp()),
            format_number(high.exp())
        )
    });
    let verdict = match (view.is_expired, view.result) {
        (true, _) => "expired".to_owned(),
        (false, Some(result)) => result.verdict.as_str().to_owned(),
        (false, None) => "not yet known: this version was trained without it".to_owned(),
    };
    let ideal = view.result.and_then(|result| {
        let (rate, (low, high)) = (result.ideal.rate()?, result.ideal.interval());
        let text = format!(
            "{} of {} ({} to {})",
            format_percent(rate),
            format_count(result.ideal.total),
            format_percent(low),
            format_percent(high)
        );
        Some(TableCell { text, is_faint: result.ideal.is_faint() })
    });
    let attribution = Attribution {
        author: stated.author.clone(),
        stated_at: view.entry.stated_at,
        reason: view.entry.reason.clone(),
        expires: stated.expires,
    };
    vec![
        hypothesis_text.into(),
        format_number(stated.odds_ratio).into(),
        estimate.unwrap_or_default().into(),
        verdict.into(),
        ideal.unwrap_or_default(),
        author_text(&attribution, view.is_expired).into(),
    ]
}

fn exclusion_rules(view: &DefinitionView, page: &mut Vec<Block>) {
    page.push(Block::Heading(2, "What rules an account out".to_owned()));
    if view.exclusion_rules.is_empty() {
        page.push(Block::Callout(CalloutKind::Missing, "No exclusion rule has been set yet.".to_owned()));
        return;
    }
    let columns = ["Rule", "Counts as", "Section", "Stated by"].map(ColumnHead::text).into();
    let row = |ExclusionRuleView { rule: exclusion_rule, attribute, is_expired: expired }: &ExclusionRuleView| {
        let cells = [
            exclusion_rule_text(exclusion_rule, attribute),
            exclusion_rule.severity.as_str().to_owned(),
            section_name(exclusion_rule.section).to_owned(),
            author_text(&exclusion_rule.attribution, *expired),
        ];
        cells.map(TableCell::from).into()
    };
    let caption = "Exclusion rules, which hold whatever the fit".to_owned();
    page.push(Block::Table(Table { caption, columns, rows: view.exclusion_rules.iter().map(row).collect() }));
}

fn findings(view: &DefinitionView, page: &mut Vec<Block>) {
    page.push(Block::Heading(2, "What was learned in conversations".to_owned()));
    if view.findings.is_empty() {
        page.push(Block::Callout(CalloutKind::Missing, "No finding has been recorded yet.".to_owned()));
        return;
    }
    let columns = ["Finding", "Part", "Section", "Lean", "About", "Stated by"].map(ColumnHead::text).into();
    let caption = "Findings, by the part of the SPICED diagnosis that they belong to".to_owned();
    page.push(Block::Table(Table { caption, columns, rows: view.findings.iter().map(finding).collect() }));
    if view.omitted_findings > 0 {
        page.push(Block::Text(format!("And {} more.", format_count(view.omitted_findings as u64))));
    }
}

fn finding(FindingView { finding, missing_segment, is_expired: expired }: &FindingView) -> Vec<TableCell> {
    let question = finding.question.trim();
    let text = if question.is_empty() { finding.text.clone() } else { format!("{question} {}", finding.text) };
    let about = [finding.account_id.as_str(), missing_segment.as_deref().unwrap_or(&finding.segment_id)];
    let about: Vec<_> = about.into_iter().filter(|id| !id.is_empty()).collect();
    let cells = [
        text,
        finding.spiced.map(spiced_name).unwrap_or_default().to_owned(),
        finding.section.map(section_name).unwrap_or_default().to_owned(),
        finding.stance.key().to_owned(),
        about.join(", "),
        author_text(&finding.attribution, *expired),
    ];
    cells.map(TableCell::from).into()
}

/// The author, and the expiry date.
fn author_text(attribution: &Attribution, expired: bool) -> String {
    let until = attribution.expires.map(|time| format_date(Date::from_timestamp(time)));
    match until {
        None => author_and_date(attribution),
        Some(until) if expired => format!("{} (expired on {until})", author_and_date(attribution)),
        Some(until) => format!("{} (until {until})", author_and_date(attribution)),
    }
}
