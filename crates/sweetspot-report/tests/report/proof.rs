//! The proof: its figures are consistent with the version and with each other.

use sweetspot_core::{Definition, Tier};
use sweetspot_model::TrainingSpec;
use sweetspot_report::{Block, ChartKind, Document, Proof, ReportInput};

use crate::fixtures::{company, default_input, hypothesis_only_input, trained_input};

fn charts(input: &ReportInput) -> Vec<sweetspot_report::Chart> {
    let charts = Document::Proof
        .blocks(input, None)
        .unwrap()
        .into_iter()
        .filter_map(|block| if let Block::Chart(chart) = block { Some(*chart) } else { None });
    charts.collect()
}

#[test]
fn the_band_holds_the_curve_and_is_the_same_again() {
    let input = default_input(company(600));
    let proof = Proof::new(&input);
    let (deciles, gains) = (proof.details.deciles, proof.gains);
    assert_eq!((deciles.len(), gains.len()), (10, 10));
    let all: u64 = deciles.iter().map(|decile| decile.ideal).sum();
    let mut found = 0;
    for (decile, (low, high)) in deciles.iter().zip(&gains) {
        found += decile.ideal;
        let here = found as f64 / all as f64;
        assert!(*low <= here && here <= *high, "{low} {here} {high}");
    }
    assert!(gains.iter().take(3).all(|(low, high)| low < high), "{gains:?}");
    let drawn = charts(&input).into_iter().find_map(|chart| {
        let ChartKind::Curves { curves, .. } = chart.kind else { return None };
        curves.into_iter().find(|curve| !curve.is_reference)
    });
    let drawn = drawn.unwrap();
    assert_eq!(drawn.interval.get(1), gains.first());
    for ((_, y), (low, high)) in drawn.points.iter().zip(&drawn.interval) {
        assert!(low <= y && y <= high, "{low} {y} {high}");
    }
    let again = self::evidence_with_seed(0);
    assert_eq!(Proof::new(&again).gains, gains);
    assert_ne!(Proof::new(&self::evidence_with_seed(1)).gains, gains);
}

fn evidence_with_seed(seed: u64) -> ReportInput {
    trained_input(company(600), Definition::default(), &TrainingSpec { seed, ..TrainingSpec::default() })
}

#[test]
fn cuts_lie_where_tiers_begin() {
    let input = default_input(company(600));
    let proof = Proof::new(&input);
    let cuts = proof.cuts.unwrap();
    for fit in &input.fits {
        let place = cuts.iter().position(|cut| fit.probability >= *cut).unwrap_or(3);
        assert_eq!(Tier::ALL[place], fit.tier);
    }
    let strips = charts(&input)
        .into_iter()
        .find_map(|chart| if let ChartKind::Strips { lines, .. } = chart.kind { Some(lines) } else { None });
    let lines: Vec<f64> = strips.unwrap().iter().map(|line| line.value).collect();
    assert_eq!(lines, cuts.into_iter().filter(|cut| *cut < 1.0).collect::<Vec<_>>());
}

#[test]
fn tiers_hold_all_the_value() {
    let proof = Proof::new(&default_input(company(600)));
    let shares: Vec<f64> = proof.tiers.iter().map(|tier| tier.value.unwrap()).collect();
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{shares:?}");
    assert!(
        shares[0] > proof.tiers[0].customers.rate().unwrap(),
        "the best tier holds more than its share: {shares:?}"
    );
}

#[test]
fn effects_fall_from_the_best_value_to_the_worst() {
    let proof = Proof::new(&default_input(company(600)));
    assert!(proof.effects.is_sorted_by(|a, b| a.odds_ratio >= b.odds_ratio) && proof.effects.len() > 4);
    assert!(proof.effects[0].odds_ratio > 1.0 && proof.effects.last().unwrap().odds_ratio < 1.0);
    assert!(proof.influence.is_sorted_by(|a, b| a.summary.total_spread >= b.summary.total_spread));
}

#[test]
fn every_shared_document_says_whether_the_profile_holds() {
    let input = default_input(company(600));
    let figures = Proof::new(&input).acceptance;
    for document in [Document::Summary, Document::Segments, Document::PondMap, Document::Review] {
        let lines = document
            .blocks(&input, None)
            .unwrap()
            .into_iter()
            .rev()
            .find_map(|block| if let Block::List(lines) = block { Some(lines) } else { None });
        let lines = lines.unwrap();
        assert_eq!(lines.len(), 3, "{document:?}");
        for (line, criterion) in lines.iter().zip(figures.criteria()) {
            assert!(
                line.starts_with(criterion.name) && line.ends_with(&format!("{}.", criterion.result.label())),
                "{line}"
            );
            assert!(line.contains("(95% "), "{line}");
        }
    }
    let nobody = Document::PondMap.blocks(&hypothesis_only_input(), None).unwrap();
    assert!(!nobody.iter().any(|block| matches!(block, Block::Heading(_, text) if text == "Does the profile hold")));
}

#[test]
fn what_lies_beyond_the_customers_is_cautioned() {
    let cautions = |input: &ReportInput| {
        let blocks = Document::Proof.blocks(input, None).unwrap();
        let section =
            blocks.iter().position(|block| matches!(block, Block::Heading(2, text) if text == "What to bear in mind"));
        let Block::List(cautions) = &blocks[section.unwrap() + 1] else { panic!("no list of cautions") };
        cautions.join("\n")
    };
    assert!(cautions(&default_input(company(200))).contains("lie beyond those of the customers"));
    assert!(!cautions(&hypothesis_only_input()).contains("lie beyond those of the customers"));
}
