//! A version as text.

use std::fmt::Write as _;

use prost_types::Timestamp;
use sweetspot_core::{percent, sanitize};
use sweetspot_proto::v1::model_version::State;
use sweetspot_proto::v1::{AttributeSummary, Direction, LabelCard, ModelVersion};
use unicode_width::UnicodeWidthStr as _;

use super::evaluation_text::evaluation_sections;
use super::hypothesis_text::hypothesis_sections;
use super::output::{PAGE_WIDTH, amount_text, truncate, wrap};
use super::rule_text::rule_lines;
use super::segment_text::segment_lines;

/// The maximum number of attributes shown.
const MAX_ATTRIBUTES: usize = 12;
const MAX_BAR_WIDTH: f64 = 24.0;

/// Formats the whole version: label card, evaluation, attributes, warnings.
pub(crate) fn version_text(version: &ModelVersion) -> String {
    let mut text = version.name.clone();
    if !version.aliases.is_empty() {
        // Writing to a `String` cannot fail, here and below.
        let _infallible = write!(text, " ({})", version.aliases.join(", "));
    }
    text.push('\n');
    for line in annotation_lines(version) {
        text.push_str(&line);
        text.push('\n');
    }
    if let Some(card) = &version.label_card {
        push_section(&mut text, "What counts as ideal", &card_lines(card));
    }
    if let Some(evaluation) = &version.evaluation {
        let learned_from = version.label_card.as_ref().map_or(0, |card| card.ideal + card.not_ideal);
        for (title, lines) in evaluation_sections(evaluation, learned_from) {
            push_section(&mut text, &title, &lines);
        }
    }
    push_section(
        &mut text,
        "What matters most (spread in log-odds, interactions included)",
        &attribute_lines(&version.attributes),
    );
    push_section(&mut text, "Monotonicity constraints", &monotonicity_lines(&version.attributes));
    for (title, lines) in hypothesis_sections(&version.hypotheses, &version.attributes) {
        push_section(&mut text, title, &lines);
    }
    push_section(&mut text, "Exclusion rules", &rule_lines(&version.exclusion_rules, &version.attributes));
    push_section(
        &mut text,
        "Segments of ideal customers (the first whose rule holds), and their value",
        &segment_lines(version),
    );
    let looks = version.pairs.iter().filter(|pair| !pair.second_look.is_empty());
    push_section(&mut text, "Second look", &looks.map(|pair| format!("- {}", pair.second_look)).collect::<Vec<_>>());
    let verdict = version.evaluation.as_ref().map(|evaluation| &evaluation.verdict);
    let warnings = version.warnings.iter().filter(|warning| Some(*warning) != verdict);
    push_section(&mut text, "Warnings", &warnings.map(|warning| format!("- {warning}")).collect::<Vec<_>>());
    sanitize(&text).into_owned()
}

/// Returns the description, the owner and the labels, as far as they are set.
pub(crate) fn annotation_lines(version: &ModelVersion) -> Vec<String> {
    let mut lines = Vec::new();
    if !version.description.is_empty() {
        lines.push(wrap(&version.description, 0, 0));
    }
    if !version.owner.is_empty() {
        lines.push(format!("owner: {}", version.owner));
    }
    let mut labels: Vec<String> = version.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    labels.sort();
    if !labels.is_empty() {
        lines.push(wrap(&format!("labels: {}", labels.join(", ")), 0, 2));
    }
    lines.iter().map(|line| sanitize_lines(line)).collect()
}

fn sanitize_lines(text: &str) -> String {
    text.lines().map(|line| sanitize(line).into_owned()).collect::<Vec<_>>().join("\n")
}

/// Returns the word for the state.
pub(crate) fn state_word(version: &ModelVersion) -> &'static str {
    match version.state() {
        State::Unspecified => "unknown",
        State::Training => "training",
        State::Ready => "ready",
        State::Rejected => "rejected",
        State::Deleted => "deleted",
    }
}

/// Formats a time to the second, in UTC.
pub(crate) fn time_text(time: &Timestamp) -> String {
    jiff::Timestamp::from_second(time.seconds).map_or_else(|_| String::new(), |time| time.to_string())
}

fn push_section(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _infallible = write!(text, "\n{title}\n");
    for line in lines {
        // Aligned lines are short; only sentences need breaking.
        let short = line.width() + 2 <= usize::from(PAGE_WIDTH);
        let line = if short { format!("  {line}") } else { wrap(line, 2, 4) };
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
}

fn card_lines(card: &LabelCard) -> Vec<String> {
    let mut lines = vec![format!("{} (policy {})", card.rule, card.policy)];
    lines.push(format!("{} ideal, {} not ideal, {} left out.", card.ideal, card.not_ideal, card.excluded));
    if let Some(rate) = card.base_rate {
        lines.push(format!(
            "Base rate {}: the rows were resampled, and probabilities are corrected to it.",
            percent(rate)
        ));
    }
    if let Some(threshold) = card.value_threshold {
        lines.push(format!("High value starts at {}", amount_text(threshold, &card.currency_code)));
    }
    lines.extend(card.notes.iter().map(|note| format!("- {note}")));
    lines
}

/// Returns the spread of an attribute's total effect, or of its own effect from a server of an earlier release.
fn total_spread(attribute: &AttributeSummary) -> f64 {
    if attribute.whole_spread > 0.0 { attribute.whole_spread } else { attribute.spread }
}

fn attribute_lines(attributes: &[AttributeSummary]) -> Vec<String> {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_by(|a, b| total_spread(b).total_cmp(&total_spread(a)));
    let largest = sorted.first().map_or(0.0, |first| total_spread(first));
    let line = |attribute: &&AttributeSummary| {
        let length =
            if largest > 0.0 { (total_spread(attribute) / largest * MAX_BAR_WIDTH).round() as usize } else { 0 };
        let missing = match attribute.missing_share {
            share if share > 0.0 => format!(", {} missing", percent(share)),
            _ => String::new(),
        };
        let name = truncate(&attribute.attribute, 22);
        let gap = " ".repeat(22_usize.saturating_sub(name.width()));
        format!("{name}{gap} {:24} {:.2} {}{missing}", "█".repeat(length), total_spread(attribute), attribute.kind)
    };
    let mut lines: Vec<_> = sorted.iter().take(MAX_ATTRIBUTES).map(line).collect();
    if let Some(rest) = sorted.len().checked_sub(MAX_ATTRIBUTES).filter(|rest| *rest > 0) {
        lines.push(format!("and {rest} more"));
    }
    lines
}

fn monotonicity_lines(attributes: &[AttributeSummary]) -> Vec<String> {
    let line = |attribute: &AttributeSummary| {
        let what = match attribute.direction() {
            Direction::Unspecified => return None,
            Direction::Increasing => "never lowers",
            Direction::Decreasing => "never raises",
        };
        let more = if attribute.kind == "date" { "later" } else { "more" };
        Some(format!("{}: {more} {what} the fit", attribute.attribute))
    };
    attributes.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::v1::{DecileEvaluation, Evaluation, FitTier, NewestEvaluation, TierEvaluation};

    use super::*;

    fn decile() -> DecileEvaluation {
        DecileEvaluation {
            customers: 1_000_000,
            ideal: 27,
            mean_probability: 0.701,
            ideal_rate: 0.675,
            lift: 3.0,
            ..DecileEvaluation::default()
        }
    }

    fn version() -> ModelVersion {
        let attribute = |name: &str, spread| AttributeSummary {
            attribute: name.into(),
            kind: "category".into(),
            missing_share: 0.25,
            spread,
            ..AttributeSummary::default()
        };
        let newest = NewestEvaluation {
            from_date: "2025-03-01".into(),
            rows: 80,
            positives: 21,
            auc: 0.75,
            auc_low: 0.66,
            auc_high: 0.84,
            ..NewestEvaluation::default()
        };
        let tier = TierEvaluation {
            tier: FitTier::A.into(),
            customers: 1_000_000,
            ideal: 27,
            precision: Some(0.675),
            recall: Some(0.3),
            precision_so_far: Some(1.0),
            recall_so_far: Some(1.0),
            value: None,
        };
        let evaluation = Evaluation {
            rows: 400,
            positives: 90,
            auc: 0.81234,
            auc_low: 0.77,
            auc_high: 0.85,
            lift_at_top_decile: 3.2,
            value_captured_at_top_quintile: Some(0.54),
            verdict: "Ranks well. ".repeat(10),
            newest: Some(newest),
            deciles: vec![decile(), DecileEvaluation { ideal: 0, ideal_rate: 0.0, lift: 0.0, ..decile() }],
            tiers: vec![tier, TierEvaluation { tier: FitTier::B.into(), ..TierEvaluation::default() }],
            ..Evaluation::default()
        };
        let card = LabelCard {
            policy: "ideal".into(),
            rule: "ideal: won and kept with a net value of at least USD 5,500; not ideal: all others whose outcome is known"
                .into(),
            ideal: 90,
            value_threshold: Some(5500.0),
            currency_code: "USD".into(),
            ..LabelCard::default()
        };
        ModelVersion {
            name: "workspaces/default/models/default/versions/1".into(),
            aliases: vec!["candidate".into()],
            evaluation: Some(evaluation),
            label_card: Some(card),
            attributes: vec![attribute("an attribute whose name goes on", 0.4), attribute("industry", 0.8)],
            warnings: vec!["region is missing in 40% of the rows".into()],
            ..ModelVersion::default()
        }
    }

    #[test]
    fn times_are_printed_in_utc_seconds() {
        assert_eq!(time_text(&Timestamp { seconds: 86_400, nanos: 5 }), "1970-01-02T00:00:00Z");
        assert_eq!(time_text(&Timestamp { seconds: i64::MAX, nanos: 0 }), "");
    }

    #[test]
    fn the_version_text_fits_eighty_columns_with_the_most_important_attribute_first() {
        let text = version_text(&version());
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.find("industry").unwrap() < text.find("an attribute whose na").unwrap(), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn monotonicity_constraints_are_written_as_sentences() {
        let attribute = |name: &str, kind: &str, direction: Direction| AttributeSummary {
            attribute: name.into(),
            kind: kind.into(),
            direction: direction.into(),
            ..AttributeSummary::default()
        };
        let lines = monotonicity_lines(&[
            attribute("employees", "number", Direction::Increasing),
            attribute("industry", "category", Direction::Unspecified),
            attribute("founded", "date", Direction::Decreasing),
        ]);
        assert_eq!(lines, ["employees: more never lowers the fit", "founded: later never raises the fit"]);
        assert_eq!(monotonicity_lines(&version().attributes), Vec::<String>::new());
    }

    #[test]
    fn a_bare_version_is_its_name() {
        let bare = ModelVersion { name: "n".into(), ..ModelVersion::default() };
        assert_eq!(version_text(&bare), "n\n");
    }
}
