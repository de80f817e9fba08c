//! Values that correlate with ideal customers, and hypotheses about them.

use sweetspot_core::Verdict;

use super::super::{
    AccountReview, Block, ColumnHead, ReviewHypothesis, TableCell, ValueCorrelation, format_count, format_money,
    format_number, plural,
};
use super::tables::{count_cell, finding, missing, question, rate_cell, table};
use crate::CalloutKind;

/// Question 13: attribute values that stand out.
pub(super) fn add(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "13. Which trends are there across the accounts?");
    let trends = &review.trends;
    if trends.examined_count == 0 {
        return missing(page, "the attributes of the accounts before the sale, or their outcomes.");
    }
    let all = plural(trends.examined_count, "attribute value", "attribute values");
    let text = match trends.standing_out_count {
        0 => format!("Of {all}, none stands out: every interval of the ideal rate overlaps that of the rest."),
        out => format!(
            "Of {all}, {} out: the interval of the ideal rate does not overlap that of the rest.",
            plural(out, "stands", "stand")
        ),
    };
    finding(page, text);
    let text =
        "With many values, some stand out by chance. The reasons of the model show which effects hold, all else equal.";
    page.push(Block::Callout(CalloutKind::Caution, text.to_owned()));
    let row = |trend: &ValueCorrelation| {
        let effect = match trend.stands_out {
            Some(true) => "▲ above the rest",
            Some(false) => "▼ below the rest",
            None => "",
        };
        let value =
            trend.average_value.map(|value| format_money(value, review.currency.as_deref())).unwrap_or_default();
        let value = TableCell { text: value, is_faint: trend.ideal.is_faint() };
        let (attribute, name) = (trend.attribute.to_string().into(), trend.value.as_str().into());
        vec![
            attribute,
            name,
            rate_cell(trend.ideal),
            count_cell(trend.ideal),
            rate_cell(trend.rest),
            value,
            effect.into(),
        ]
    };
    let figures = ["ideal rate (95% interval)", "ideal accounts", "ideal rate of the rest", "average net value"];
    let texts = [ColumnHead::text("attribute"), ColumnHead::text("value")].into_iter();
    let columns = texts.chain(figures.map(ColumnHead::figure)).chain([ColumnHead::text("stands out")]).collect();
    let (shown, all) = (format_count(trends.trends.len() as u64), format_count(trends.examined_count));
    let caption = format!("Attribute values, those that stand out first ({shown} of {all})");
    table(page, caption, columns, trends.trends.iter().map(row).collect());
}

/// Question 14: hypotheses.
pub(super) fn hypotheses(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "14. What distinguishes a good customer from a bad one?");
    if !review.rule.is_empty() {
        page.push(Block::Text(format!("Customers are labeled by this rule: {}.", review.rule)));
    }
    if review.hypotheses.is_empty() {
        return missing(page, "no hypothesis has been stated. State one, and it is tested against the customers.");
    }
    let with =
        |verdict| review.hypotheses.iter().filter(|hypothesis| hypothesis.verdict == Some(verdict)).count() as u64;
    let refuted = plural(with(Verdict::Refuted), "is", "are");
    finding(
        page,
        format!(
            "Of {}, {} supported and {refuted} refuted.",
            plural(review.hypotheses.len() as u64, "hypothesis", "hypotheses"),
            plural(with(Verdict::Supported), "is", "are"),
        ),
    );
    let columns = ["hypothesis", "by", "verdict"].map(ColumnHead::text).into_iter();
    let figures = ["believed odds", "found odds (90% interval)", "ideal rate where it holds", "ideal accounts"];
    let columns = columns.chain(figures.map(ColumnHead::figure)).collect();
    table(
        page,
        "Hypotheses and their verdicts".to_owned(),
        columns,
        review.hypotheses.iter().map(hypothesis_row).collect(),
    );
}

fn hypothesis_row(hypothesis: &ReviewHypothesis) -> Vec<TableCell> {
    let verdict = match hypothesis.verdict {
        Some(Verdict::Supported) => "supported",
        Some(Verdict::Refuted) => "refuted",
        Some(Verdict::NotEnoughData) => "not enough data",
        None => "not yet tested",
    };
    let found = hypothesis.observed_odds_ratio.map(|(odds, low, high)| {
        format!("{}× ({}× to {}×)", format_number(odds), format_number(low), format_number(high))
    });
    vec![
        hypothesis.label.as_str().into(),
        hypothesis.author.as_str().into(),
        verdict.into(),
        format!("{}×", format_number(hypothesis.expected_odds_ratio)).into(),
        TableCell { text: found.unwrap_or_default(), is_faint: hypothesis.ideal.is_faint() },
        rate_cell(hypothesis.ideal),
        count_cell(hypothesis.ideal),
    ]
}
