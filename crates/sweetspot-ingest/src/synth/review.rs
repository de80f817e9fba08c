//! What people would write down of a customer in an account review.

use super::company::Company;
use super::draw::Draw;
use super::outcome::{Custom, Fate, Status};

/// The columns, beside those that company and outcome have already.
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
const DECIDERS: [&str; 5] = ["COO", "CFO", "Head of Operations", "CTO", "Founder"];
const INFLUENCERS: [&str; 4] = ["Operations manager", "Data analyst", "IT architect", "Controller"];
/// Euros that an hour of support or customer success costs.
const EUROS_PER_HOUR: f64 = 80.0;
const QUARTERS: i32 = 6;

/// The cells of a company, empty where it is no customer. Some are left empty, as people leave them.
pub(super) fn cells(company: &Company, fate: &Fate, draw: &mut Draw) -> Vec<String> {
    // Drawn for everybody, so that what becomes of one company moves nothing of the next.
    let mut cells = vec![
        draw.one(&CONTRACTS).to_owned(),
        if draw.chance(0.85) { "recurring" } else { "one time" }.to_owned(),
        usage(fate, draw),
        some(draw, &FEATURES, 0.4),
        deciders(company, draw),
        some(draw, &INFLUENCERS, 0.35),
    ];
    let custom = fate.history.as_ref();
    let cost = custom.map_or(0.0, |custom| custom.cost_to_serve);
    let hours = cost / EUROS_PER_HOUR * draw.log_normal(1.0, 0.2);
    let support = 0.35 + 0.4 * draw.unit();
    let demanding = cost / custom.map_or(1.0, |custom| custom.lifetime_value.max(1.0));
    let mut figure = |number: f64, gap: f64| if draw.chance(gap) { String::new() } else { number.round().to_string() };
    cells.push(figure(hours * support, 0.1));
    cells.push(figure(hours * (1.0 - support), 0.2));
    let (requests, days) = (demanding * 8.0 * draw.unit(), draw.log_normal(32.0, 0.4));
    cells.extend([requests, days].map(|number| number.round().to_string()));
    for centre in [8.5 - 5.0 * demanding, 4.0 + company.employees.log10(), 9.0 - 6.0 * demanding] {
        let told = (centre + 1.2 * draw.normal()).clamp(0.0, 10.0).round();
        cells.push(if draw.chance(0.15) { String::new() } else { told.to_string() });
    }
    cells.extend(spend(fate, demanding, draw));
    if custom.is_none() { vec![String::new(); COLUMNS.len()] } else { cells }
}

fn usage(fate: &Fate, draw: &mut Draw) -> String {
    let among = if fate.status == Status::Churned { USAGE.get(2..) } else { USAGE.get(..3) };
    let used = draw.one(among.unwrap_or(&USAGE));
    if draw.chance(0.1) { String::new() } else { used.to_owned() }
}

fn deciders(company: &Company, draw: &mut Draw) -> String {
    if company.decision == "Founder" { "Founder".to_owned() } else { some(draw, &DECIDERS, 0.3) }
}

/// Each of these with the same chance; one of them at least.
fn some(draw: &mut Draw, texts: &[&str], share: f64) -> String {
    let mut chosen: Vec<&str> = texts.iter().copied().filter(|_| draw.chance(share)).collect();
    let first = draw.one(texts);
    if chosen.is_empty() {
        chosen.push(first);
    }
    chosen.join("; ")
}

/// What was spent in each quarter: more from one to the next, the less help was needed; nothing after the last one.
fn spend(fate: &Fate, demanding: f64, draw: &mut Draw) -> Vec<String> {
    let quarterly = fate.deal_size / 4.0;
    let lasted = |custom: &Custom| (custom.lifetime_value / quarterly.max(1.0)).clamp(1.0, 6.0) as usize;
    let lasted = fate.history.as_ref().map_or(0, lasted);
    let growth = 1.0 + 0.25 * (0.45 - demanding).clamp(-0.3, 0.45);
    let amounts = (0..QUARTERS).map(|quarter| (quarterly * growth.powi(quarter) * draw.log_normal(1.0, 0.1)).round());
    let amounts: Vec<f64> = amounts.collect();
    amounts
        .iter()
        .enumerate()
        .map(|(quarter, amount)| if quarter < lasted { amount.to_string() } else { String::new() })
        .collect()
}
