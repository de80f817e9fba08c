//! The hypotheses of a version as text.

use sweetspot_core::{AttributeKind, date_range_phrase, percent};
use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::hypothesis_summary::Verdict;
use sweetspot_proto::v1::{AttributeSummary, Condition, HypothesisSummary, OddsRatio, Range};
use unicode_width::UnicodeWidthStr as _;

use super::output::truncate;

/// The width of an id, in columns: a line is as wide as a page without its indent.
const ID_WIDTH: usize = 10;

/// Returns titles and their lines: a table of verdicts, and the statement of each hypothesis.
pub(super) fn hypothesis_sections(
    hypotheses: &[HypothesisSummary],
    attributes: &[AttributeSummary],
) -> Vec<(&'static str, Vec<String>)> {
    if hypotheses.is_empty() {
        return Vec::new();
    }
    let header = table_line("hypothesis", "verdict", ["stated", "customers say", "model", "customers", "ideal"]);
    vec![
        (
            "Test of the hypotheses, as odds ratios (90% interval)",
            std::iter::once(header).chain(hypotheses.iter().map(table_row)).collect(),
        ),
        ("Hypotheses", hypotheses.iter().map(|summary| sentence(summary, attributes)).collect()),
    ]
}

fn table_line(id: &str, verdict: &str, [stated, estimate, model, customers, ideal]: [&str; 5]) -> String {
    let id = truncate(id, ID_WIDTH);
    let gap = " ".repeat(ID_WIDTH.saturating_sub(id.width()));
    format!("{id}{gap} {verdict:15} {stated:>8} {estimate:>19} {model:>6} {customers:>9} {ideal:>5}")
        .trim_end()
        .to_owned()
}

fn table_row(hypothesis: &HypothesisSummary) -> String {
    let HypothesisSummary { id, odds_ratio, customers, ideal, customers_say, model, .. } = hypothesis;
    let estimate = customers_say.as_ref().map_or_else(|| "-".to_owned(), interval);
    let model = model.as_ref().map_or_else(|| "-".to_owned(), |model| odds_text(model.estimate));
    // Without customers there is no rate. A column has five places.
    let rate = if *customers == 0 { String::new() } else { percent(*ideal as f64 / *customers as f64) };
    let rate = if rate.starts_with('>') { ">99%".to_owned() } else { rate };
    let rate = if rate.len() > 5 { rate.replace(' ', "") } else { rate };
    let stated_odds = if *odds_ratio < 0.1 { format!("{odds_ratio:.4}") } else { odds_text(*odds_ratio) };
    table_line(id, verdict(hypothesis.verdict()), [&stated_odds, &estimate, &model, &customers.to_string(), &rate])
}

/// Formats `id: Industry is Logistics: They buy more. (ann)`
fn sentence(hypothesis: &HypothesisSummary, attributes: &[AttributeSummary]) -> String {
    let HypothesisSummary { id, statement, author, when, .. } = hypothesis;
    let when = when.as_ref().map(|when| condition_text(when, attributes)).unwrap_or_default();
    let statement = if statement.is_empty() { String::new() } else { format!(": {statement}") };
    let author = if author.is_empty() { String::new() } else { format!(" ({author})") };
    format!("- {id}: {when}{statement}{author}")
}

fn interval(odds_ratio: &OddsRatio) -> String {
    let OddsRatio { estimate, low, high } = odds_ratio;
    format!("{} ({}-{})", odds_text(*estimate), odds_text(*low), odds_text(*high))
}

/// Formats an odds ratio in at most five columns; out of range it becomes `<0.01` or `>1000`.
fn odds_text(ratio: f64) -> String {
    match ratio {
        ratio if ratio > 1000.0 => ">1000".to_owned(),
        ratio if ratio < 0.01 => "<0.01".to_owned(),
        ratio if ratio >= 100.0 => format!("{ratio:.0}"),
        ratio if ratio >= 10.0 => format!("{ratio:.1}"),
        ratio => format!("{ratio:.2}"),
    }
}

/// Formats a condition: `Industry is Logistics`. The bound of a date is shown as a day, other bounds as numbers.
/// Whether it is a date follows from the attribute's kind if the version has the attribute, and else from its name.
pub(super) fn condition_text(condition: &Condition, attributes: &[AttributeSummary]) -> String {
    let name = &condition.attribute;
    let known = attributes.iter().find(|summary| summary.attribute == *name);
    let kind = known.and_then(|known| AttributeKind::ALL.into_iter().find(|kind| kind.as_str() == known.kind));
    if let Some(Test::Range(Range { gte, lt })) = &condition.test
        && let Some(days) = date_range_phrase(name, kind, *gte, *lt)
    {
        return format!("{name} is {days}");
    }
    match &condition.test {
        Some(Test::AnyOf(texts)) => format!("{name} is {}", texts.values.join(" or ")),
        Some(Test::Range(Range { gte: Some(gte), lt: Some(lt) })) => format!("{name} is {gte} to below {lt}"),
        Some(Test::Range(Range { gte: Some(gte), lt: None })) => format!("{name} is {gte} or more"),
        Some(Test::Range(Range { gte: None, lt: Some(lt) })) => format!("{name} is below {lt}"),
        Some(Test::Present(true)) => format!("{name} is known"),
        Some(Test::Present(false)) => format!("{name} is missing"),
        Some(Test::Flag(true)) => format!("{name} is yes"),
        Some(Test::Flag(false)) => format!("{name} is no"),
        Some(Test::Range(Range { gte: None, lt: None })) | None => name.clone(),
    }
}

/// Returns the word for a verdict.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "supported",
        Verdict::Refuted => "refuted",
        Verdict::NotEnoughData => "not enough data",
        Verdict::Unspecified => "unknown",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use sweetspot_proto::v1::TextList;

    use super::*;

    /// A hypothesis with long texts and large figures.
    pub(crate) fn hypothesis() -> HypothesisSummary {
        let texts = TextList { values: vec!["Logistics".into(), "Freight".into()] };
        HypothesisSummary {
            id: "a rather long id of a belief".into(),
            statement: "Logistics companies have the problem that we solve, and budget for it. ".repeat(3),
            author: "Ann Example".into(),
            when: Some(Condition { attribute: "Industry".into(), test: Some(Test::AnyOf(texts)) }),
            odds_ratio: 0.0012,
            verdict: Verdict::NotEnoughData.into(),
            customers: 1_000_000,
            ideal: 123_456,
            customers_say: Some(OddsRatio { estimate: 123.4, low: 0.000_1, high: 1e9 }),
            model: Some(OddsRatio { estimate: 2.5, low: 1.0, high: 3.0 }),
            ..HypothesisSummary::default()
        }
    }

    #[test]
    fn a_bound_of_a_date_reads_as_a_day() {
        let condition = |attribute: &str| Condition {
            attribute: attribute.to_owned(),
            test: Some(Test::Range(Range { gte: None, lt: Some(17_270.0) })),
        };
        assert_eq!(condition_text(&condition("engage_date"), &[]), "engage_date is before 2017-04-14");
        assert_eq!(condition_text(&condition("employees"), &[]), "employees is below 17270");
        let of_kind = |kind: &str| {
            let known = AttributeSummary { attribute: "seen".into(), kind: kind.into(), ..AttributeSummary::default() };
            condition_text(&condition("seen"), &[known])
        };
        assert_eq!(["date", "number"].map(of_kind), ["seen is before 2017-04-14", "seen is below 17270"]);
    }

    #[test]
    fn the_hypothesis_table_fits_the_page_width() {
        let untested = HypothesisSummary { customers_say: None, id: "b".into(), ..hypothesis() };
        let least = OddsRatio { estimate: 1e-9, low: 0.0, high: 1e-4 };
        let least =
            HypothesisSummary { customers_say: Some(least), customers: 5_000_000, ideal: 5_000_000, ..hypothesis() };
        let sections = hypothesis_sections(&[hypothesis(), untested, least], &[]);
        let lines = &sections[0].1;
        assert!(lines.iter().all(|line| line.chars().count() <= 78), "{lines:#?}");
        assert!(lines[1].contains("not enough data") && lines[1].contains("123 (<0.01->1000)"), "{lines:#?}");
        assert!(lines[1].contains("0.0012"), "the odds ratio is written in full: {lines:#?}");
        assert!(sections[1].1[0].starts_with("- a rather long id of a belief: Industry is Logistics or Freight: Log"));
        assert!(hypothesis_sections(&[], &[]).is_empty());
    }
}
