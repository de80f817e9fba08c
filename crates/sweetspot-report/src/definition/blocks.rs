//! The definition as blocks of a page.

use sweetspot_core::{Approval, ApprovedVersion, Date, Statement};

use super::{DefinitionView, FindingView, GateView, HypothesisView, stated_by};
use crate::pond::section_name;
use crate::summary::spiced_name;
use crate::words::{condition, rule};
use crate::{Block, Cell, Head, Table, Tone, count, day, number, percent, plural};

/// The page of a definition.
#[must_use]
pub fn blocks(view: &DefinitionView) -> Vec<Block> {
    let mut page = vec![Block::Heading(1, "The living definition".to_owned()), Block::Text(state(view))];
    page.push(review(view));
    versions(view, &mut page);
    if view.is_empty() {
        let text = "Nothing has been stated yet. Hypotheses, exclusion rules, findings and comments appear here, each with its \
                    author, date and reason.";
        page.push(Block::Told(Tone::Missing, text.to_owned()));
        return page;
    }
    hypotheses(view, &mut page);
    gates(view, &mut page);
    findings(view, &mut page);
    comments(view, &mut page);
    page
}

fn state(view: &DefinitionView) -> String {
    let on = |time| day(Date::of(time));
    let state = match &view.approval {
        Approval::Draft => "This definition is a draft.".to_owned(),
        Approval::InReview { by, at } => format!("This definition is in review: {by} submitted it on {}.", on(*at)),
        Approval::Approved { by, at, number } => {
            format!("This definition was approved by {by} on {}, as profile version {number}.", on(*at))
        }
    };
    format!("{state} Verdicts are those of {}.", view.version)
}

fn review(view: &DefinitionView) -> Block {
    match (view.review_on, view.review_due) {
        (None, _) => Block::Told(Tone::Missing, "No review is due: no date has been set.".to_owned()),
        (Some(on), true) => Block::Told(Tone::Caution, format!("Its review was due on {}.", day(on))),
        (Some(on), false) => Block::Text(format!("Its next review is due on {}.", day(on))),
    }
}

fn versions(view: &DefinitionView, page: &mut Vec<Block>) {
    page.push(Block::Heading(2, "What was approved".to_owned()));
    let Some(oldest) = view.approved.last() else {
        page.push(Block::Told(Tone::Missing, "No version has been approved yet.".to_owned()));
        return;
    };
    let row = |version: &ApprovedVersion| {
        let (number, model) = (count(version.number), count(version.version));
        vec![number.into(), version.by.clone().into(), day(Date::of(version.at)).into(), model.into()]
    };
    page.push(Block::Table(Table {
        caption: "Approved versions of this profile, newest first, each with its version of the model".to_owned(),
        columns: vec![
            Head::figure("Profile"),
            Head::text("Approved by"),
            Head::text("On"),
            Head::figure("Model version"),
        ],
        rows: view.approved.iter().map(row).collect(),
    }));
    // Numbers are given in a row, from 1.
    if oldest.number > 1 {
        let older = plural(oldest.number - 1, "older one is", "older ones are");
        page.push(Block::Text(format!("{older} left out.")));
    }
}

fn hypotheses(view: &DefinitionView, page: &mut Vec<Block>) {
    page.push(Block::Heading(2, "Hypotheses".to_owned()));
    if view.hypotheses.is_empty() {
        page.push(Block::Told(Tone::Missing, "No hypothesis has been stated yet.".to_owned()));
        return;
    }
    let heads = [
        Head::text("Hypothesis"),
        Head::figure("Stated odds"),
        Head::figure("Customers show (90%)"),
        Head::text("Verdict"),
        Head::figure("Ideal (95%)"),
        Head::text("Stated by"),
    ];
    let rows = view.hypotheses.iter().map(hypothesis).collect();
    let caption = "Hypotheses, each with the odds ratio that the customers show".to_owned();
    page.push(Block::Table(Table { caption, columns: heads.into(), rows }));
}

fn hypothesis(view: &HypothesisView) -> Vec<Cell> {
    let held = &view.held.hypothesis;
    let when = condition(&held.when, view.kind);
    let statement = held.statement.trim();
    let belief = if statement.is_empty() { when } else { format!("{statement} ({when})") };
    let say = view.judged.and_then(|judged| judged.customers_say).map(|effect| {
        let (low, high) = effect.interval();
        format!("{} ({} to {})", number(effect.log_odds.exp()), number(low.exp()), number(high.exp()))
    });
    let verdict = match (view.expired, view.judged) {
        (true, _) => "expired".to_owned(),
        (false, Some(judged)) => judged.verdict.word().to_owned(),
        (false, None) => "not yet known: this version was trained without it".to_owned(),
    };
    let ideal = view.judged.and_then(|judged| {
        let (rate, (low, high)) = (judged.ideal.rate()?, judged.ideal.interval());
        let text = format!("{} of {} ({} to {})", percent(rate), count(judged.ideal.of), percent(low), percent(high));
        Some(Cell { text, faint: judged.ideal.is_faint() })
    });
    let by = Statement {
        author: held.author.clone(),
        stated: view.held.stated,
        reason: view.held.reason.clone(),
        expires: held.expires,
    };
    vec![
        belief.into(),
        number(held.odds_ratio).into(),
        say.unwrap_or_default().into(),
        verdict.into(),
        ideal.unwrap_or_default(),
        spoken(&by, view.expired).into(),
    ]
}

fn gates(view: &DefinitionView, page: &mut Vec<Block>) {
    page.push(Block::Heading(2, "What rules an account out".to_owned()));
    if view.gates.is_empty() {
        page.push(Block::Told(Tone::Missing, "No exclusion rule has been set yet.".to_owned()));
        return;
    }
    let columns = ["Rule", "Counts as", "Section", "Stated by"].map(Head::text).into();
    let row = |GateView { gate, kind, expired }: &GateView| {
        let cells = [
            rule(gate, *kind),
            gate.severity.word().to_owned(),
            section_name(gate.section).to_owned(),
            spoken(&gate.by, *expired),
        ];
        cells.map(Cell::from).into()
    };
    let caption = "Exclusion rules, which hold whatever the fit".to_owned();
    page.push(Block::Table(Table { caption, columns, rows: view.gates.iter().map(row).collect() }));
}

fn findings(view: &DefinitionView, page: &mut Vec<Block>) {
    page.push(Block::Heading(2, "What was learned in conversations".to_owned()));
    if view.findings.is_empty() {
        page.push(Block::Told(Tone::Missing, "No finding has been recorded yet.".to_owned()));
        return;
    }
    let columns = ["Finding", "Part", "Section", "Lean", "About", "Stated by"].map(Head::text).into();
    let caption = "Findings, by the part of the SPICED diagnosis that they belong to".to_owned();
    page.push(Block::Table(Table { caption, columns, rows: view.findings.iter().map(finding).collect() }));
    if view.more_findings > 0 {
        page.push(Block::Text(format!("And {} more.", count(view.more_findings as u64))));
    }
}

fn finding(FindingView { finding, expired }: &FindingView) -> Vec<Cell> {
    let question = finding.question.trim();
    let text = if question.is_empty() { finding.text.clone() } else { format!("{question} {}", finding.text) };
    let about = [finding.account_id.as_str(), finding.segment_id.as_str()];
    let about: Vec<_> = about.into_iter().filter(|id| !id.is_empty()).collect();
    let cells = [
        text,
        finding.spiced.map(spiced_name).unwrap_or_default().to_owned(),
        finding.section.map(section_name).unwrap_or_default().to_owned(),
        finding.lean.key().to_owned(),
        about.join(", "),
        spoken(&finding.by, *expired),
    ];
    cells.map(Cell::from).into()
}

fn comments(view: &DefinitionView, page: &mut Vec<Block>) {
    if view.comments.is_empty() {
        return;
    }
    page.push(Block::Heading(2, "Comments".to_owned()));
    if view.more_comments > 0 {
        let older = plural(view.more_comments as u64, "older one is", "older ones are");
        page.push(Block::Text(format!("{older} left out.")));
    }
    let told = view.comments.iter().map(|comment| {
        let about = if comment.about.is_empty() { String::new() } else { format!(" on {}", comment.about) };
        format!("{}, {}{about}: {}", comment.author, day(Date::of(comment.time)), comment.text)
    });
    page.push(Block::List(told.collect()));
}

/// Who said it, and until when it holds.
fn spoken(by: &Statement, expired: bool) -> String {
    let until = by.expires.map(|time| day(Date::of(time)));
    match until {
        None => stated_by(by),
        Some(until) if expired => format!("{} (expired on {until})", stated_by(by)),
        Some(until) => format!("{} (until {until})", stated_by(by)),
    }
}
