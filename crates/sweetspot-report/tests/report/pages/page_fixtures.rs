//! A fictional report with a block of every kind.

use sweetspot_report::{
    Axis, Bar, Block, CalloutKind, Card, Chart, ChartKind, ColumnHead, Curve, DistributionStrip, Document, Dot, Panel,
    PanelLine, PondMapColumn, PondMapEntry, RateBar, ReferenceLine, Report, ReportPart, Table, TableCell,
    WaterfallStep,
};

fn axis(name: &str, from: f64, to: f64, percent: bool) -> Axis {
    Axis { name: name.to_owned(), min: from, max: to, is_percent: percent, labels: Vec::new() }
}

fn chart(finding: &str, kind: ChartKind) -> Block {
    let rows =
        vec![vec!["one".into(), "12".into()], vec!["two".into(), TableCell { text: "3".to_owned(), is_faint: true }]];
    Block::Chart(Box::new(Chart {
        finding: finding.to_owned(),
        description: format!("{finding} Drawn."),
        kind,
        table: Table {
            caption: format!("Data of: {finding}"),
            columns: vec![ColumnHead::text("row"), ColumnHead::figure("value")],
            rows,
        },
    }))
}

fn curve(name: &str, points: &[(f64, f64)], reference: bool) -> Curve {
    let (points, interval, marks) = (points.to_vec(), Vec::new(), Vec::new());
    Curve { name: name.to_owned(), points, is_reference: reference, is_fall_shaded: !reference, interval, marks }
}

fn curves() -> ChartKind {
    let mut value = curve("net value", &[(0.0, 0.0), (0.1, 0.45), (0.3, 0.8), (0.6, 1.08), (1.0, 1.0)], false);
    value.marks.push((0.3, 0.8, "30 % hold 80 %".to_owned()));
    value.interval = value.points.iter().map(|(_, y)| (y - 0.04, y + 0.04)).collect();
    ChartKind::Curves {
        x: axis("Share of customers, most valuable first", 0.0, 1.0, true),
        y: axis("Share of value", 0.0, 1.1, true),
        curves: vec![curve("all alike", &[(0.0, 0.0), (1.0, 1.0)], true), value],
        lines: vec![ReferenceLine { value: 0.2, is_vertical: true, name: "20 %".to_owned() }],
    }
}

fn bars() -> ChartKind {
    let bar = |name: &str, value: f64, faint| Bar {
        name: name.to_owned(),
        value,
        interval: Some((value * 0.7, value * 1.3)),
        value_label: format!("{value}×"),
        is_faint: faint,
    };
    ChartKind::Bars {
        axis: axis("Lift", 0.0, 4.0, false),
        bars: vec![
            bar("Logistics", 2.1, false),
            bar("Retail", 0.5, false),
            bar("Farming with a name that goes on and on", 1.4, true),
        ],
        origin: 1.0,
        reference: "all customers".to_owned(),
        is_dot_plot: false,
    }
}

fn other_charts() -> [Block; 3] {
    let dot = |x: f64, y: f64, weight| Dot { x, y, interval: (y - 0.08, y + 0.08), weight, is_faint: weight < 10 };
    let dots = ChartKind::Dots {
        x: axis("Predicted", 0.0, 1.0, true),
        y: axis("Observed", 0.0, 1.0, true),
        dots: vec![dot(0.1, 0.12, 50), dot(0.5, 0.4, 20), dot(0.9, 0.8, 5)],
        diagonal: "predicted = observed".to_owned(),
    };
    let strip = |name: &str, counts: &[u64]| DistributionStrip { name: name.to_owned(), counts: counts.to_vec() };
    let strips = ChartKind::Strips {
        axis: axis("Fit", 0.0, 1.0, true),
        strips: vec![
            strip("Won", &[1, 2, 5, 9, 12]),
            strip("Churned", &[3, 6, 4, 1, 0]),
            strip("Lost", &[14, 8, 2, 1, 0]),
        ],
        lines: vec![ReferenceLine { value: 0.6, is_vertical: true, name: "A".to_owned() }],
    };
    let step =
        |name: &str, by: f64| WaterfallStep { name: name.to_owned(), change: by, value_label: format!("{by:+}") };
    let waterfall = ChartKind::Waterfall {
        axis: axis("Log-odds", -1.0, 1.0, false),
        start: -0.4,
        start_label: "average account".to_owned(),
        steps: vec![step("SAP", 1.1), step("logistics", 0.2), step("under 50 staff", -0.4), step("4 others", 0.1)],
        end_label: "this account".to_owned(),
    };
    [
        chart("Probabilities can be taken at their word.", dots),
        chart("Won accounts score higher than lost ones.", strips),
        chart("SAP speaks for it most.", waterfall),
    ]
}

fn pond() -> Block {
    let mark = |text: &str, severity: &str| PondMapEntry {
        text: text.to_owned(),
        source: "learned: 2.1× the odds, 34 accounts (95 % 1.4 to 3.2)".to_owned(),
        matching: if severity == "OUT" { "puts out 26 accounts, none of them ideal".to_owned() } else { String::new() },
        severity: severity.to_owned(),
    };
    let band = |name: &str, negatives: Vec<PondMapEntry>, positives: Vec<PondMapEntry>| PondMapColumn {
        name: name.to_owned(),
        negatives,
        positives,
    };
    Block::Pond(vec![
        band(
            "Account profile",
            vec![mark("fewer than 20 employees", "OUT")],
            vec![mark("logistics", ""), mark("50 to 500 employees", "")],
        ),
        band("Needs", vec![mark("no planning team", "CAUTION")], vec![mark("runs SAP", "")]),
        band("Urgency drivers", Vec::new(), vec![mark("opens a second warehouse", "")]),
        band("Beliefs", Vec::new(), Vec::new()),
        band("Tipping point", vec![mark("contract renewed last quarter", "CAUTION")], Vec::new()),
    ])
}

fn cards() -> Block {
    let card = |title: &str| Card {
        title: title.to_owned(),
        subtitle: "50 to 500 people who move goods.".to_owned(),
        facts: vec![
            ("Customers".to_owned(), "34 (9 %)".to_owned()),
            ("Pain".to_owned(), "not yet interviewed".to_owned()),
        ],
    };
    Block::Cards(vec![card("Mid-size logistics"), card("Regional wholesale")])
}

/// The report; `text` is used wherever untrusted text can occur.
pub(crate) fn report(text: &str) -> Report {
    let callout = |tone| Block::Callout(tone, format!("A paragraph about {text}."));
    let table = Table {
        caption: format!("Industries of {text}"),
        columns: vec![ColumnHead::text("Industry"), ColumnHead::figure("Accounts"), ColumnHead::figure(text)],
        rows: vec![
            vec![text.into(), "1,234".into(), "56 %".into()],
            vec!["Retail".into(), "7".into(), TableCell { text: "14 %".to_owned(), is_faint: true }],
            vec!["short row".into()],
        ],
    };
    let answer = vec![
        Block::Heading(1, "Ideal customer profile".to_owned()),
        callout(CalloutKind::Finding),
        Block::Heading(3, format!("A part of {text}")),
        Block::Text(format!("Plain words about {text}.")),
        Block::List(vec![text.to_owned(), "another".to_owned()]),
        Block::Table(table),
        cards(),
    ];
    let map = vec![pond(), callout(CalloutKind::Missing)];
    let mut proof = vec![
        Block::Heading(1, "Proof".to_owned()),
        Block::Heading(2, "Value".to_owned()),
        chart(&format!("A third of {text} hold four fifths of the value."), curves()),
        chart("Logistics buys twice as often as others.", bars()),
        Block::Heading(2, "Fit".to_owned()),
    ];
    proof.extend(other_charts());
    proof.push(callout(CalloutKind::Caution));
    let overview = vec![
        Block::RateBars(vec![
            RateBar { name: "These".to_owned(), rate: 0.432, label: "43 in 100 are ideal".to_owned() },
            RateBar { name: "All".to_owned(), rate: 0.18, label: "18 in 100 are ideal".to_owned() },
        ]),
        Block::Panels(vec![
            Panel {
                title: "Call".to_owned(),
                lead: None,
                lines: vec![PanelLine { lead: text.to_owned(), text: format!("43 in 100 of {text} are ideal.") }],
            },
            Panel { title: "Skip".to_owned(), lead: Some(format!("Nothing about {text}.")), lines: Vec::new() },
        ]),
    ];
    let parts = [
        (Document::Overview, overview),
        (Document::Summary, answer),
        (Document::PondMap, map),
        (Document::Proof, proof),
    ];
    Report {
        title: format!("Report on {text}"),
        subtitle: format!("Version 7 of {text}, learned from 400 accounts. Written on 2026-11-24."),
        parts: parts.into_iter().map(|(document, blocks)| ReportPart { document, blocks }).collect(),
    }
}
