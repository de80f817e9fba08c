//! Charts and tables of whole reports: what is drawn lies on its axes, and every row has its cells.

use sweetspot_report::{Axis, Block, Chart, ChartKind, Document, Evidence, Report, Table};

use crate::support::{believed, company, evidence};

fn blocks(evidence: &Evidence) -> Vec<Block> {
    let report = Report::new("", &Document::ALL, evidence, None);
    report.parts.into_iter().flat_map(|part| part.blocks).collect()
}

fn is_whole(table: &Table) {
    assert!(!table.caption.trim().is_empty() && !table.columns.is_empty(), "{table:?}");
    for row in &table.rows {
        assert_eq!(row.len(), table.columns.len(), "{}: {row:?}", table.caption);
        assert!(!row[0].text.trim().is_empty(), "{}: a row without a name: {row:?}", table.caption);
    }
}

fn lies_on(axis: &Axis, at: f64, what: &str) {
    let room = (axis.to - axis.from).abs() * 1e-9;
    assert!(at >= axis.from - room && at <= axis.to + room, "{what}: {at} is not on {axis:?}");
}

fn is_drawn_on_its_axes(chart: &Chart) {
    let what = &chart.finding;
    assert!(!what.trim().is_empty() && !chart.description.trim().is_empty(), "{chart:?}");
    is_whole(&chart.table);
    match &chart.kind {
        ChartKind::Curves { x, y, curves, .. } => {
            for curve in curves {
                // What is only there to compare with may be a box.
                let ascends = curve.points.is_sorted_by(|one, next| one.0 <= next.0);
                assert!(ascends || curve.reference, "{what}: {}", curve.name);
                assert!(curve.interval.is_empty() || curve.interval.len() == curve.points.len(), "{what}");
                assert!(curve.interval.iter().all(|(low, high)| low <= high), "{what}: {}", curve.name);
                for (across, up) in &curve.points {
                    lies_on(x, *across, what);
                    lies_on(y, *up, what);
                }
            }
        }
        ChartKind::Bars { axis, bars, origin, .. } => {
            lies_on(axis, *origin, what);
            for bar in bars {
                lies_on(axis, bar.value, &format!("{what}: {}", bar.name));
                let (low, high) = bar.interval.unwrap_or((bar.value, bar.value));
                assert!(low <= bar.value && bar.value <= high, "{what}: {bar:?}");
                assert!(!bar.told.is_empty() && !bar.name.is_empty(), "{what}: {bar:?}");
            }
        }
        ChartKind::Dots { x, y, dots, .. } => {
            for dot in dots {
                lies_on(x, dot.x, what);
                lies_on(y, dot.y, what);
                assert!(dot.interval.0 <= dot.y && dot.y <= dot.interval.1, "{what}: {dot:?}");
            }
        }
        ChartKind::Strips { axis, lines, .. } => lines.iter().for_each(|line| lies_on(axis, line.at, what)),
        ChartKind::Waterfall { axis, start, steps, .. } => {
            let ends = steps.iter().scan(*start, |at, step| {
                *at += step.by;
                Some(*at)
            });
            std::iter::once(*start).chain(ends).for_each(|at| lies_on(axis, at, what));
        }
    }
}

#[test]
fn what_is_drawn_lies_on_its_axes_and_every_row_has_its_cells() {
    for evidence in [evidence(company(600)), evidence(company(120)), believed()] {
        let (mut charts, mut tables) = (0, 0);
        for block in blocks(&evidence) {
            match block {
                Block::Chart(chart) => {
                    is_drawn_on_its_axes(&chart);
                    charts += 1;
                }
                Block::Table(table) => {
                    is_whole(&table);
                    tables += 1;
                }
                Block::Heading(_, text) | Block::Text(text) | Block::Told(_, text) => {
                    assert!(!text.trim().is_empty() && !text.contains("NaN") && !text.contains("inf "), "{text}");
                }
                Block::List(texts) => assert!(texts.iter().all(|text| !text.trim().is_empty()), "{texts:?}"),
                Block::Cards(cards) => {
                    assert!(
                        cards
                            .iter()
                            .flat_map(|card| &card.facts)
                            .all(|(name, fact)| !name.is_empty() && !fact.is_empty())
                    );
                }
                Block::Pond(bands) => assert_eq!(bands.len(), 5),
            }
        }
        assert!(tables > 0 && (charts > 5 || evidence.rows() == 0), "{charts} charts, {tables} tables");
    }
}
