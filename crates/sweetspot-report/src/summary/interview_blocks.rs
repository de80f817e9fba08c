//! The interviews until now as blocks, with the questions where more are needed.

use super::Summary;
use crate::{Block, ColumnHead, Interviews, SegmentInterviews, Table, format_count, plural};

/// The interviews by segment, and what to ask.
pub(super) fn interview_blocks(summary: &Summary) -> Vec<Block> {
    let Interviews { total, segments, questions } = &summary.interviews;
    let recommended = Interviews::recommended_range();
    let mut blocks = vec![Block::Heading(2, "Interviews".to_owned())];
    let has_segments = segments.iter().any(|segment| !segment.name.is_empty());
    let each = if has_segments { " in each segment" } else { "" };
    let interviewed = plural(*total, "account has", "accounts have");
    let interviewed = format!("{interviewed} a SPICED answer or a finding, which counts as an interview");
    if questions.is_empty() {
        blocks.push(Block::Text(format!("{interviewed}: enough, as {recommended}{each} are recommended.")));
        return blocks;
    }
    let ask = if summary.customers.total > 0 {
        "Ask the people who sold to these customers or look after them:"
    } else {
        "Ask companies that match most of the hypotheses:"
    };
    blocks.push(Block::Text(format!("{interviewed}; {recommended}{each} are recommended. {ask}")));
    blocks.push(Block::List(questions.iter().map(|question| (*question).to_owned()).collect()));
    if has_segments || segments.iter().any(|segment| !segment.candidates.is_empty()) {
        blocks.push(Block::Table(table(segments, &recommended)));
    }
    blocks
}

fn table(segments: &[SegmentInterviews], recommended: &str) -> Table {
    let row = |segment: &SegmentInterviews| {
        let SegmentInterviews { name, interviews, missing, candidates } = segment;
        let name = if name.is_empty() { "all customers" } else { name };
        let next = if *missing == 0 { "enough".to_owned() } else { candidates.join(", ") };
        vec![name.into(), format!("{} of {recommended}", format_count(*interviews)).into(), next.into()]
    };
    Table {
        caption: "Interviews by segment, and the ideal customers of the highest value without one".to_owned(),
        columns: vec![ColumnHead::text("segment"), ColumnHead::figure("interviews"), ColumnHead::text("ask next")],
        rows: segments.iter().map(row).collect(),
    }
}
