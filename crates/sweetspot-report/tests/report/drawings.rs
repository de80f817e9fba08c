//! Charts and tables of whole reports: values are within the axes, and every row has all cells.

use sweetspot_report::{Axis, Block, Chart, ChartKind, Document, Report, ReportInput, Table};

use crate::fixtures::{company, default_input, hypothesis_only_input};

fn blocks(input: &ReportInput) -> Vec<Block> {
    let report = Report::new("", &Document::ALL, input, None);
    report.parts.into_iter().flat_map(|part| part.blocks).collect()
}

fn assert_rows_complete(table: &Table) {
    assert!(!table.caption.trim().is_empty() && !table.columns.is_empty(), "{table:?}");
    for row in &table.rows {
        assert_eq!(row.len(), table.columns.len(), "{}: {row:?}", table.caption);
        assert!(!row[0].text.trim().is_empty(), "{}: a row without a name: {row:?}", table.caption);
    }
}

fn assert_on_axis(axis: &Axis, at: f64, what: &str) {
    let room = (axis.max - axis.min).abs() * 1e-9;
    assert!(at >= axis.min - room && at <= axis.max + room, "{what}: {at} is not on {axis:?}");
}

fn assert_chart_on_axes(chart: &Chart) {
    let what = &chart.finding;
    assert!(!what.trim().is_empty() && !chart.description.trim().is_empty(), "{chart:?}");
    assert_rows_complete(&chart.table);
    match &chart.kind {
        ChartKind::Curves { x, y, curves, .. } => {
            for curve in curves {
                // Reference curves may be boxes.
                let ascends = curve.points.is_sorted_by(|one, next| one.0 <= next.0);
                assert!(ascends || curve.is_reference, "{what}: {}", curve.name);
                assert!(curve.interval.is_empty() || curve.interval.len() == curve.points.len(), "{what}");
                assert!(curve.interval.iter().all(|(low, high)| low <= high), "{what}: {}", curve.name);
                for (across, up) in &curve.points {
                    assert_on_axis(x, *across, what);
                    assert_on_axis(y, *up, what);
                }
            }
        }
        ChartKind::Bars { axis, bars, origin, .. } => {
            assert_on_axis(axis, *origin, what);
            for bar in bars {
                assert_on_axis(axis, bar.value, &format!("{what}: {}", bar.name));
                let (low, high) = bar.interval.unwrap_or((bar.value, bar.value));
                assert!(low <= bar.value && bar.value <= high, "{what}: {bar:?}");
                assert!(!bar.value_label.is_empty() && !bar.name.is_empty(), "{what}: {bar:?}");
            }
        }
        ChartKind::Dots { x, y, dots, .. } => {
            for dot in dots {
                assert_on_axis(x, dot.x, what);
                assert_on_axis(y, dot.y, what);
                assert!(dot.interval.0 <= dot.y && dot.y <= dot.interval.1, "{what}: {dot:?}");
            }
        }
        ChartKind::Strips { axis, lines, .. } => lines.iter().for_each(|line| assert_on_axis(axis, line.value, what)),
        ChartKind::Shapes { y, panels } => {
            for panel in panels {
                assert!(!panel.name.is_empty() && panel.counts.iter().sum::<u64>() > 0, "{what}: {panel:?}");
                for step in &panel.steps {
                    assert_on_axis(y, step.value, what);
                    for end in [step.from, step.to] {
                        assert_on_axis(&panel.x, end, what);
                    }
                    assert!(
                        step.low <= step.value && step.value <= step.high && step.from <= step.to,
                        "{what}: {step:?}"
                    );
                }
            }
        }
        ChartKind::Waterfall { axis, start, steps, .. } => {
            let ends = steps.iter().scan(*start, |at, step| {
                *at += step.change;
                Some(*at)
            });
            std::iter::once(*start).chain(ends).for_each(|at| assert_on_axis(axis, at, what));
        }
    }
}

#[test]
fn what_is_drawn_lies_on_its_axes_and_every_row_has_its_cells() {
    for input in [default_input(company(600)), default_input(company(120)), hypothesis_only_input()] {
        let (mut charts, mut tables) = (0, 0);
        for block in blocks(&input) {
            match block {
                Block::Chart(chart) => {
                    assert_chart_on_axes(&chart);
                    charts += 1;
                }
                Block::Table(table) => {
                    assert_rows_complete(&table);
                    tables += 1;
                }
                Block::Heading(_, text) | Block::Text(text) | Block::Callout(_, text) => {
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
                Block::Panels(panels) => {
                    let mut lines = panels.iter().flat_map(|panel| &panel.lines);
                    assert!(lines.all(|line| !line.lead.is_empty() && !line.text.is_empty()), "{panels:?}");
                }
                Block::RateBars(bars) => assert!(bars.iter().all(|bar| (0.0..=1.0).contains(&bar.rate)), "{bars:?}"),
            }
        }
        assert!(tables > 0 && (charts > 5 || input.rows() == 0), "{charts} charts, {tables} tables");
    }
}
