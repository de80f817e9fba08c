//! The answers of an account review about each customer.

use super::company::Company;
use super::outcome::{CustomerPeriod, SimulatedOutcome, SimulatedStatus};
use super::seeded_rng::SeededRng;

/// The columns in addition to those of company and outcome.
pub(super) const COLUMNS: [&str; 19] = [
    "contract_details",
    "recurring",
    "usage",
    "features",
    "decision_maker_titles",
    "influencer_titles",
    "support_hours",
    "success_hours",
    "roadmap_requests",
    "payment_days",
    "advocacy",
    "reputation",
    "ease_of_work",
    "spend_q1",
    "spend_q2",
    "spend_q3",
    "spend_q4",
    "spend_q5",
    "spend_q6",
];

const CONTRACTS: [&str; 3] = ["1 year", "2 years", "3 years"];
const USAGE: [&str; 4] = ["daily", "weekly", "monthly", "hardly"];
const FEATURES: [&str; 6] = ["Dashboards", "Alerts", "Forecasts", "API", "Exports", "Mobile"];
const DECISION_MAKER_TITLES: [&str; 5] = ["COO", "CFO", "Head of Operations", "CTO", "Founder"];
const INFLUENCER_TITLES: [&str; 4] = ["Operations manager", "Data analyst", "IT architect", "Controller"];
/// The cost of an hour of support or customer success, in euros.
const EUROS_PER_HOUR: f64 = 80.0;
const QUARTERS: i32 = 6;

/// Returns the cells of a company, which are empty if it is not a customer. Some are left empty, as people do.
pub(super) fn cells(company: &Company, outcome: &SimulatedOutcome, draw: &mut SeededRng) -> Vec<String> {
    // Drawn for every company, so that the outcome of one has no effect on the next.
    let mut cells = vec![
        draw.choice(&CONTRACTS).to_owned(),
        if draw.chance(0.85) { "recurring" } else { "one time" }.to_owned(),
        usage(outcome, draw),
        random_subset(draw, &FEATURES, 0.4),
        decision_makers(company, draw),
        random_subset(draw, &INFLUENCER_TITLES, 0.35),
    ];
    let custom = outcome.history.as_ref();
    let cost = custom.map_or(0.0, |custom| custom.cost_to_serve);
    let hours = cost / EUROS_PER_HOUR * draw.log_normal(1.0, 0.2);
    let support = 0.35 + 0.4 * draw.uniform();
    let support_intensity = cost / custom.map_or(1.0, |custom| custom.lifetime_value.max(1.0));
    let mut figure = |number: f64, gap: f64| if draw.chance(gap) { String::new() } else { number.round().to_string() };
    cells.push(figure(hours * support, 0.1));
    cells.push(figure(hours * (1.0 - support), 0.2));
    let (requests, days) = (support_intensity * 8.0 * draw.uniform(), draw.log_normal(32.0, 0.4));
    cells.extend([requests, days].map(|number| number.round().to_string()));
    for center in [8.5 - 5.0 * support_intensity, 4.0 + company.employees.log10(), 9.0 - 6.0 * support_intensity] {
        let rating = (center + 1.2 * draw.normal()).clamp(0.0, 10.0).round();
        cells.push(if draw.chance(0.15) { String::new() } else { rating.to_string() });
    }
    cells.extend(spend(outcome, support_intensity, draw));
    if custom.is_none() { vec![String::new(); COLUMNS.len()] } else { cells }
}

fn usage(outcome: &SimulatedOutcome, draw: &mut SeededRng) -> String {
    let choices = if outcome.status == SimulatedStatus::Churned { USAGE.get(2..) } else { USAGE.get(..3) };
    let used = draw.choice(choices.unwrap_or(&USAGE));
    if draw.chance(0.1) { String::new() } else { used.to_owned() }
}

fn decision_makers(company: &Company, draw: &mut SeededRng) -> String {
    if company.decision == "Founder" { "Founder".to_owned() } else { random_subset(draw, &DECISION_MAKER_TITLES, 0.3) }
}

/// Returns each of these texts with the same probability, but at least one.
fn random_subset(draw: &mut SeededRng, texts: &[&str], share: f64) -> String {
    let mut chosen: Vec<&str> = texts.iter().copied().filter(|_| draw.chance(share)).collect();
    let first = draw.choice(texts);
    if chosen.is_empty() {
        chosen.push(first);
    }
    chosen.join("; ")
}

/// Returns the spend in each quarter. It grows faster for customers that need less help, and ends with the lifetime.
fn spend(outcome: &SimulatedOutcome, support_intensity: f64, draw: &mut SeededRng) -> Vec<String> {
    let quarterly = outcome.deal_size / 4.0;
    let lasted = |custom: &CustomerPeriod| (custom.lifetime_value / quarterly.max(1.0)).clamp(1.0, 6.0) as usize;
    let lasted = outcome.history.as_ref().map_or(0, lasted);
    let growth = 1.0 + 0.25 * (0.45 - support_intensity).clamp(-0.3, 0.45);
    let amounts = (0..QUARTERS).map(|quarter| (quarterly * growth.powi(quarter) * draw.log_normal(1.0, 0.1)).round());
    let amounts: Vec<f64> = amounts.collect();
    amounts
        .iter()
        .enumerate()
        .map(|(quarter, amount)| if quarter < lasted { amount.to_string() } else { String::new() })
        .collect()
}
