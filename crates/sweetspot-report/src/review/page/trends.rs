//! What goes with ideal customers, and what people believe does.

use sweetspot_core::Verdict;

use super::super::{AccountReview, Belief, Block, Cell, Head, Trend, count, money, number, plural};
use super::tables::{finding, missing, of, question, rate, table};
use crate::Tone;

/// Question 13.
pub(super) fn add(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "13. Which trends are there across the accounts?");
    let trends = &review.trends;
    if trends.looked_at == 0 {
        return missing(page, "the attributes of the accounts before the sale, or their outcomes.");
    }
    let all = plural(trends.looked_at, "attribute value", "attribute values");
    let text = match trends.standing_out {
        0 => format!("Of {all}, none stands out: every interval of the ideal rate overlaps that of the rest."),
        out => format!(
            "Of {all}, {} out: the interval of the ideal rate does not overlap that of the rest.",
            plural(out, "stands", "stand")
        ),
    };
    finding(page, text);
    let text =
        "With many values, some stand out by chance. The reasons of the model show which effects hold, all else equal.";
    page.push(Block::Told(Tone::Caution, text.to_owned()));
    let row = |trend: &Trend| {
        let told = match trend.stands_out {
            Some(true) => "▲ above the rest",
            Some(false) => "▼ below the rest",
            None => "",
        };
        let value = trend.average_value.map(|value| money(value, review.currency.as_deref())).unwrap_or_default();
        let value = Cell { text: value, faint: trend.ideal.is_faint() };
        let (attribute, name) = (trend.attribute.as_str().into(), trend.value.as_str().into());
        vec![attribute, name, rate(trend.ideal), of(trend.ideal), rate(trend.rest), value, told.into()]
    };
    let figures = ["ideal rate (95% interval)", "ideal accounts", "ideal rate of the rest", "average net value"];
    let texts = [Head::text("attribute"), Head::text("value")].into_iter();
    let columns = texts.chain(figures.map(Head::figure)).chain([Head::text("stands out")]).collect();
    let (shown, all) = (count(trends.trends.len() as u64), count(trends.looked_at));
    let caption = format!("Attribute values, those that stand out first ({shown} of {all})");
    table(page, caption, columns, trends.trends.iter().map(row).collect());
}

/// Question 14.
pub(super) fn beliefs(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "14. What distinguishes a good customer from a bad one?");
    if !review.rule.is_empty() {
        page.push(Block::Text(format!("Customers are labeled by this rule: {}.", review.rule)));
    }
    if review.beliefs.is_empty() {
        return missing(page, "no hypothesis has been stated. State one, and it is tested against the customers.");
    }
    let with = |verdict| review.beliefs.iter().filter(|belief| belief.verdict == Some(verdict)).count() as u64;
    let refuted = plural(with(Verdict::Refuted), "is", "are");
    finding(
        page,
        format!(
            "Of {}, {} supported and {refuted} refuted.",
            plural(review.beliefs.len() as u64, "hypothesis", "hypotheses"),
            plural(with(Verdict::Supported), "is", "are"),
        ),
    );
    let columns = ["hypothesis", "by", "verdict"].map(Head::text).into_iter();
    let figures = ["believed odds", "found odds (90% interval)", "ideal rate where it holds", "ideal accounts"];
    let columns = columns.chain(figures.map(Head::figure)).collect();
    table(page, "Hypotheses and their verdicts".to_owned(), columns, review.beliefs.iter().map(belief).collect());
}

fn belief(belief: &Belief) -> Vec<Cell> {
    let verdict = match belief.verdict {
        Some(Verdict::Supported) => "supported",
        Some(Verdict::Refuted) => "refuted",
        Some(Verdict::NotEnoughData) => "not enough data",
        None => "not yet tested",
    };
    let found =
        belief.found.map(|(odds, low, high)| format!("{}× ({}× to {}×)", number(odds), number(low), number(high)));
    vec![
        belief.label.as_str().into(),
        belief.author.as_str().into(),
        verdict.into(),
        format!("{}×", number(belief.believed)).into(),
        Cell { text: found.unwrap_or_default(), faint: belief.ideal.is_faint() },
        rate(belief.ideal),
        of(belief.ideal),
    ]
}
