//! The Pond Map as it is read.

use super::super::{
    Axis, Band, Block, Cell, Chart, ChartKind, Curve, Head, Mark, Share, Table, Tone, count, percent, plural,
};
use super::{Adherence, Period, PondFactor, PondMap};
use crate::domain::PondSection;

/// The map in blocks.
#[must_use]
pub fn blocks(map: &PondMap) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Pond Map".to_owned())];
    blocks.push(Block::Told(Tone::Finding, finding(map)));
    blocks.push(Block::Text(
        "Above the waterline stands what speaks against an account, below it what speaks for one. OUT puts an account out of \
         the pond whatever else is true; CAUTION asks for a second look. Learned factors come from customers; stated ones from \
         the people named."
            .to_owned(),
    ));
    blocks.push(Block::Pond(map.sections.iter().map(band).collect()));
    blocks.push(Block::Heading(2, "Keeping to the pond".to_owned()));
    blocks.extend(adherence(&map.adherence));
    blocks
}

fn finding(map: &PondMap) -> String {
    let all = map.inside.of + map.outside.of;
    if all == 0 {
        return "No customer's outcome is known yet: the map shows what people stated.".to_owned();
    }
    let rate = |share: Share| {
        let (low, high) = share.interval();
        let rate = share.rate().map(percent);
        rate.map(|rate| format!("{rate} (95 % {} to {})", percent(low), percent(high)))
    };
    let inside = Share { part: map.inside.of, of: all }.rate().map(percent).unwrap_or_default();
    let outside = rate(map.outside).map(|rate| format!("; of the {} outside, {rate}", count(map.outside.of)));
    format!(
        "{inside} of {} are in the pond: {} of them are ideal{}.",
        plural(all, "customer", "customers"),
        rate(map.inside).unwrap_or_else(|| "none".to_owned()),
        outside.unwrap_or_default()
    )
}

/// What the sections are called.
pub(in crate::report) const fn section_name(section: PondSection) -> &'static str {
    match section {
        PondSection::AccountProfile => "Account profile",
        PondSection::Needs => "Needs",
        PondSection::UrgencyDrivers => "Urgency drivers",
        PondSection::Beliefs => "Beliefs",
        PondSection::TippingPoint => "Tipping point",
    }
}

fn band(section: &super::Section) -> Band {
    let mark = |factor: &PondFactor| Mark {
        text: factor.text.clone(),
        source: factor.source.told(),
        severity: factor.severity.map(|severity| severity.word().to_owned()).unwrap_or_default(),
    };
    Band {
        name: section_name(section.section).to_owned(),
        negatives: section.negatives.iter().map(mark).collect(),
        positives: section.positives.iter().map(mark).collect(),
    }
}

fn adherence(adherence: &Adherence) -> Vec<Block> {
    if adherence.periods.is_empty() {
        let text = "No account says since when it is a customer, or when it was decided.";
        return vec![Block::Told(Tone::Missing, text.to_owned())];
    }
    let mut blocks = vec![Block::Chart(over_time(adherence))];
    if adherence.undated > 0 {
        let accounts = plural(adherence.undated, "account has", "accounts have");
        blocks.push(Block::Told(
            Tone::Caution,
            format!("{accounts} no day and {} not in it.", if adherence.undated == 1 { "is" } else { "are" }),
        ));
    }
    blocks.push(Block::Told(
        Tone::Caution,
        "The pond was learned from these same accounts, so that what lies inside looks better here than it will in times to come."
            .to_owned(),
    ));
    blocks
}

fn over_time(adherence: &Adherence) -> Chart {
    let (periods, total) = (&adherence.periods, &adherence.total);
    let wins = adherence.tells_wins();
    let told = |share: Share| share.rate().map_or_else(|| "not known".to_owned(), percent);
    let line = |name: &str, of: fn(&Period) -> Share| {
        let at = |(index, period): (usize, &Period)| Some((index as f64 + 1.0, of(period).rate()?));
        Curve {
            name: name.to_owned(),
            points: periods.iter().enumerate().filter_map(at).collect(),
            reference: false,
            shade_fall: false,
            interval: Vec::new(),
            marks: Vec::new(),
        }
    };
    let first = periods.first().map(|period| period.name.clone()).unwrap_or_default();
    let last = periods.last().map(|period| period.name.clone()).unwrap_or_default();
    let unit = if adherence.by_year { "year" } else { "quarter" };
    Chart {
        finding: format!(
            "{} of new customers were in the pond; accounts inside were won in {} of cases against {} outside, and {} against {} \
             have left.",
            told(total.new_wins),
            told(total.won_inside),
            told(total.won_outside),
            told(total.churned_inside),
            told(total.churned_outside),
        ),
        description: format!(
            "From {first} to {last}, one point a {unit}: the share of new customers inside the pond, and how many were won inside \
             and outside; how many have left, where lost accounts have no day."
        ),
        kind: ChartKind::Curves {
            x: Axis { name: format!("{unit}, {first} to {last}"), from: 1.0, to: periods.len() as f64, percent: false },
            y: Axis { name: "share".to_owned(), from: 0.0, to: 1.0, percent: true },
            curves: vec![
                line("new customers inside", |p| p.new_wins),
                if wins { line("won, inside", |p| p.won_inside) } else { line("left, inside", |p| p.churned_inside) },
                if wins {
                    line("won, outside", |p| p.won_outside)
                } else {
                    line("left, outside", |p| p.churned_outside)
                },
            ],
            lines: Vec::new(),
        },
        table: table(adherence),
    }
}

fn table(adherence: &Adherence) -> Table {
    let cell = |share: Share| Cell {
        text: share.rate().map_or_else(String::new, |rate| format!("{} of {}", percent(rate), count(share.of))),
        faint: share.is_faint(),
    };
    let row = |period: &Period| {
        vec![
            period.name.as_str().into(),
            cell(period.new_wins),
            cell(period.won_inside),
            cell(period.won_outside),
            cell(period.churned_inside),
            cell(period.churned_outside),
        ]
    };
    Table {
        caption: "Adherence to the pond over time".to_owned(),
        columns: vec![
            Head::text(if adherence.by_year { "year" } else { "quarter" }),
            Head::figure("new customers inside"),
            Head::figure("won inside"),
            Head::figure("won outside"),
            Head::figure("left, inside"),
            Head::figure("left, outside"),
        ],
        rows: adherence.periods.iter().map(row).collect(),
    }
}
