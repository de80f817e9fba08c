//! A version, as people read it.

use std::fmt::Write as _;

use sweetspot_core::{percent, visible};
use sweetspot_proto::v1::{AttributeSummary, Direction, LabelCard, ModelVersion};
use unicode_width::UnicodeWidthStr as _;

use super::evaluation_text::evaluation_sections;
use super::gate_text::gate_lines;
use super::hypothesis_text::hypothesis_sections;
use super::output::{WIDTH, fit, wrap};
use super::segment_text::segment_lines;

/// How many attributes are worth a person's time.
const ATTRIBUTES: usize = 12;
const BAR: f64 = 24.0;

/// The whole version: label card, evaluation, attributes, warnings.
pub(crate) fn version_text(version: &ModelVersion) -> String {
    let mut text = version.name.clone();
    if !version.aliases.is_empty() {
        // Writing to a text cannot fail, here and below.
        let _infallible = write!(text, " ({})", version.aliases.join(", "));
    }
    text.push('\n');
    if let Some(card) = &version.label_card {
        section(&mut text, "What counts as ideal", &card_lines(card));
    }
    if let Some(evaluation) = &version.evaluation {
        let learned_from = version.label_card.as_ref().map_or(0, |card| card.ideal + card.not_ideal);
        for (title, lines) in evaluation_sections(evaluation, learned_from) {
            section(&mut text, &title, &lines);
        }
    }
    section(
        &mut text,
        "What matters most (spread in log-odds, interactions included)",
        &attribute_lines(&version.attributes),
    );
    section(&mut text, "Monotonicity constraints", &direction_lines(&version.attributes));
    for (title, lines) in hypothesis_sections(&version.hypotheses, &version.attributes) {
        section(&mut text, title, &lines);
    }
    section(&mut text, "Gates", &gate_lines(&version.gates, &version.attributes));
    section(&mut text, "Segments of ideal customers, and their value", &segment_lines(version));
    let looks = version.pairs.iter().filter(|pair| !pair.second_look.is_empty());
    section(&mut text, "Second look", &looks.map(|pair| format!("- {}", pair.second_look)).collect::<Vec<_>>());
    let verdict = version.evaluation.as_ref().map(|evaluation| &evaluation.verdict);
    let warnings = version.warnings.iter().filter(|warning| Some(*warning) != verdict);
    section(&mut text, "Warnings", &warnings.map(|warning| format!("- {warning}")).collect::<Vec<_>>());
    visible(&text).into_owned()
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _infallible = write!(text, "\n{title}\n");
    for line in lines {
        // Aligned lines are short; only sentences need breaking.
        let short = line.width() + 2 <= usize::from(WIDTH);
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
        let amount = format!("{threshold:.2}");
        let amount = amount.trim_end_matches('0').trim_end_matches('.');
        lines.push(format!("High value starts at {amount} {}", card.currency_code).trim_end().to_owned());
    }
    lines.extend(card.notes.iter().map(|note| format!("- {note}")));
    lines
}

/// How much an attribute matters in all; alone, where an earlier release answers.
fn whole(attribute: &AttributeSummary) -> f64 {
    if attribute.whole_spread > 0.0 { attribute.whole_spread } else { attribute.spread }
}

fn attribute_lines(attributes: &[AttributeSummary]) -> Vec<String> {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_by(|a, b| whole(b).total_cmp(&whole(a)));
    let largest = sorted.first().map_or(0.0, |first| whole(first));
    let line = |attribute: &&AttributeSummary| {
        let length = if largest > 0.0 { (whole(attribute) / largest * BAR).round() as usize } else { 0 };
        let missing = match attribute.missing_share {
            share if share > 0.0 => format!(", {} missing", percent(share)),
            _ => String::new(),
        };
        let name = fit(&attribute.attribute, 22);
        let gap = " ".repeat(22_usize.saturating_sub(name.width()));
        format!("{name}{gap} {:24} {:.2} {}{missing}", "█".repeat(length), whole(attribute), attribute.kind)
    };
    let mut lines: Vec<_> = sorted.iter().take(ATTRIBUTES).map(line).collect();
    if let Some(rest) = sorted.len().checked_sub(ATTRIBUTES).filter(|rest| *rest > 0) {
        lines.push(format!("and {rest} more"));
    }
    lines
}

fn direction_lines(attributes: &[AttributeSummary]) -> Vec<String> {
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
    use sweetspot_proto::v1::{Evaluation, FitTier, NewestEvaluation, TenthEvaluation, TierEvaluation};

    use super::*;

    fn tenth() -> TenthEvaluation {
        TenthEvaluation {
            customers: 1_000_000,
            ideal: 27,
            mean_probability: 0.701,
            ideal_rate: 0.675,
            lift: 3.0,
            ..TenthEvaluation::default()
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
            tenths: vec![tenth(), TenthEvaluation { ideal: 0, ideal_rate: 0.0, lift: 0.0, ..tenth() }],
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
    fn it_fits_eighty_columns_and_the_most_important_attribute_is_first() {
        let text = version_text(&version());
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.find("industry").unwrap() < text.find("an attribute whose na").unwrap(), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn directions_are_told_in_words() {
        let attribute = |name: &str, kind: &str, direction: Direction| AttributeSummary {
            attribute: name.into(),
            kind: kind.into(),
            direction: direction.into(),
            ..AttributeSummary::default()
        };
        let lines = direction_lines(&[
            attribute("employees", "number", Direction::Increasing),
            attribute("industry", "category", Direction::Unspecified),
            attribute("founded", "date", Direction::Decreasing),
        ]);
        assert_eq!(lines, ["employees: more never lowers the fit", "founded: later never raises the fit"]);
        assert_eq!(direction_lines(&version().attributes), Vec::<String>::new());
    }

    #[test]
    fn a_bare_version_is_its_name() {
        let bare = ModelVersion { name: "n".into(), ..ModelVersion::default() };
        assert_eq!(version_text(&bare), "n\n");
    }
}
