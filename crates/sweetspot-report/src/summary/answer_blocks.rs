//! The answers of account reviews as blocks: what goes with being ideal, and what customers say most often.

use sweetspot_core::SpicedPart;

use super::spiced::BUYING_FIELDS;
use super::{SpicedPartSummary, Summary};
use crate::answers::{ComparedAnswer, FieldComparison};
use crate::{
    Block, CalloutKind, ColumnHead, Proportion, Table, TableCell, format_count, format_number, format_percent, plural,
};

/// The names of the parts of a diagnosis.
pub(crate) const fn spiced_name(part: SpicedPart) -> &'static str {
    match part {
        SpicedPart::Situation => "Situation",
        SpicedPart::Pain => "Pain",
        SpicedPart::Impact => "Impact",
        SpicedPart::CriticalEvent => "Critical event",
        SpicedPart::Decision => "Decision",
    }
}

/// What ideal customers and the others say, by part of the diagnosis.
pub(super) fn spiced_blocks(summary: &Summary) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(2, "SPICED: what the best customers share".to_owned())];
    if summary.spiced.iter().all(SpicedPartSummary::is_unanswered) {
        blocks.push(Block::Callout(CalloutKind::Missing, "not yet interviewed.".to_owned()));
        return blocks;
    }
    let row = |shared: &SpicedPartSummary| {
        let answers: Vec<String> =
            frequent_texts(&shared.answers).into_iter().chain(shared.findings.iter().cloned()).collect();
        let answers = if answers.is_empty() { "not yet interviewed".to_owned() } else { answers.join("; ") };
        let is_faint = shared.answers.ideal_answered < crate::proportion::MIN_SAMPLE;
        let stands_out = TableCell { text: standing_out(&shared.answers), is_faint };
        vec![spiced_name(shared.part).into(), answers.into(), stands_out]
    };
    let columns = ["part", "what they say, and how many of those with an answer", "goes with being ideal"];
    blocks.push(Block::Table(Table {
        caption: "Answers of ideal customers and of the others".to_owned(),
        columns: columns.map(ColumnHead::text).to_vec(),
        rows: summary.spiced.iter().map(row).collect(),
    }));
    blocks
}

/// The most frequent answers, each with its counts.
fn frequent_texts(comparison: &FieldComparison) -> Vec<String> {
    let answers = comparison.frequent.iter().map(|answer| format!("{}: {}", answer.text, counts(answer)));
    let more = (comparison.omitted > 0).then(|| format!("and {} more", format_count(comparison.omitted)));
    answers.chain(more).collect()
}

/// `18 of 20 ideal, 10 of 80 others`
fn counts(answer: &ComparedAnswer) -> String {
    let count = |share: Proportion| format!("{} of {}", format_count(share.part), format_count(share.total));
    let others = if answer.others.total > 0 { format!(", {} others", count(answer.others)) } else { String::new() };
    format!("{} ideal{others}", count(answer.ideal))
}

/// The answers that go with being ideal, beyond chance, or the reason why there are none.
fn standing_out(comparison: &FieldComparison) -> String {
    let times = |answer: &ComparedAnswer| {
        let ratio = answer.ratio.map(|(ratio, low, high)| times_as_often(ratio, (low, high))).unwrap_or_default();
        format!("{}: {ratio}", answer.text)
    };
    let more = comparison.standing_out_omitted;
    let more = (more > 0).then(|| format!("and {} more", format_count(more)));
    let texts: Vec<String> = comparison.standing_out.iter().map(times).chain(more).collect();
    match (texts.is_empty(), comparison.compared) {
        (true, 0) if comparison.ideal_answered == 0 => String::new(),
        (true, 0) => "too few answers".to_owned(),
        (true, _) => "none, beyond chance".to_owned(),
        (false, _) => texts.join("; "),
    }
}

/// `7.2× as often (95% 4 to 13.1)`
fn times_as_often(ratio: f64, (low, high): (f64, f64)) -> String {
    format!("{}× as often (95% {} to {})", format_number(ratio), format_number(low), format_number(high))
}

/// Why customers buy, how they use the product, and who decides: only the answers that go with being ideal.
pub(super) fn buying_blocks(summary: &Summary) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(2, "Why they buy, how they use it, who decides".to_owned())];
    let comparisons = &summary.buying_answers;
    if comparisons.iter().all(|field| field.ideal_answered + field.others_answered == 0) {
        let text = "no review states a win reason, the usage or the decision makers.";
        blocks.push(Block::Callout(CalloutKind::Missing, text.to_owned()));
        return blocks;
    }
    let compared: u64 = comparisons.iter().map(|field| field.compared).sum();
    let lines: Vec<String> = comparisons.iter().flat_map(lines).collect();
    let text = match (compared, lines.is_empty()) {
        (0, _) => "There are too few answers of ideal customers and of others to compare them.".to_owned(),
        (_, true) => format!(
            "No win reason, usage or decision maker goes with being ideal beyond chance ({} compared).",
            plural(compared, "answer", "answers")
        ),
        (_, false) => format!(
            "What goes with being ideal beyond chance ({} compared). It comes from account reviews, so it describes customers and \
             does not rank prospects.",
            plural(compared, "answer", "answers")
        ),
    };
    blocks.push(Block::Text(text));
    if !lines.is_empty() {
        blocks.push(Block::List(lines));
    }
    blocks
}

/// The answers of one field that go with being ideal, each as a line.
fn lines(comparison: &FieldComparison) -> Vec<String> {
    let field = BUYING_FIELDS.iter().find(|(field, _)| *field == comparison.field).map_or("", |(_, name)| name);
    let rate = |share: Proportion| share.rate().map(format_percent).unwrap_or_default();
    let line = |answer: &ComparedAnswer| {
        let (ratio, low, high) = answer.ratio?;
        let (counts, ideal, others) = (counts(answer), rate(answer.ideal), rate(answer.others));
        let times = times_as_often(ratio, (low, high));
        Some(format!("{field}: {}; {counts} ({ideal} against {others}); {times}", answer.text))
    };
    let more = comparison.standing_out_omitted;
    let more = (more > 0).then(|| format!("{field}: and {} more", format_count(more)));
    comparison.standing_out.iter().filter_map(line).chain(more).collect()
}
