//! The outcome of a company: the hidden rules that a model should recover, and noise.

use sweetspot_core::Date;

use super::HistoryOptions;
use super::company::Company;
use super::company_names;
use super::seeded_rng::SeededRng;

/// Whether the company bought and stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SimulatedStatus {
    Won,
    Lost,
    Churned,
}

/// The outcome of a company.
pub(super) struct SimulatedOutcome {
    pub(super) status: SimulatedStatus,
    /// Euros per year, offered or agreed.
    pub(super) deal_size: f64,
    /// The day on which the company bought, or decided not to.
    pub(super) decided: Date,
    /// The time as a customer; `None` if the company did not buy.
    pub(super) history: Option<CustomerPeriod>,
    pub(super) win_reason: &'static str,
    pub(super) loss_reason: &'static str,
    pub(super) churn_reason: &'static str,
    /// In euros.
    pub(super) cost_to_acquire: f64,
}

/// The time as a customer.
pub(super) struct CustomerPeriod {
    /// Euros over the lifetime.
    pub(super) lifetime_value: f64,
    /// Euros over the lifetime.
    pub(super) cost_to_serve: f64,
}

/// The log-odds of buying, before effects of the company.
const BASE_PURCHASE_LOG_ODDS: f64 = -0.66;

/// The log-odds of churning, before effects of the company.
const BASE_CHURN_LOG_ODDS: f64 = -0.62;

/// 2021-01-01, and the number of days until the newest customer signed.
const FIRST_DAY: i32 = 18_628;
const SIGNING_DAYS: f64 = 1700.0;

impl SimulatedOutcome {
    /// Draws the outcome of a company.
    pub(super) fn simulate(company: &Company, options: HistoryOptions, draw: &mut SeededRng) -> Self {
        let effects = options.effects;
        let (quality, stickiness) = (effects * purchase_log_odds(company), effects * retention_log_odds(company));
        let luck = 0.5 * draw.normal();
        let bought = draw.happens(BASE_PURCHASE_LOG_ODDS + quality + luck);
        let left = draw.happens(BASE_CHURN_LOG_ODDS - stickiness);
        let status = match (bought, left) {
            (false, _) => SimulatedStatus::Lost,
            (true, false) => SimulatedStatus::Won,
            (true, true) => SimulatedStatus::Churned,
        };
        let deal_size = company.employees.powf(0.55) * draw.log_normal(900.0, 0.35);
        let deal_size = (deal_size * (options.skill_effect * skill_advantage(company)).exp()).round();
        let age = draw.uniform() * SIGNING_DAYS;
        let years =
            if status == SimulatedStatus::Churned { (0.4 + draw.uniform()).min(age / 365.0) } else { age / 365.0 };
        let growth = (0.18 * quality / effects + 0.25 * draw.normal()).exp();
        let lifetime_value = (deal_size * (0.5 + years) * growth).round();
        // Small firms without a team of their own need more help.
        let effort = if company.employees < 50.0 { 0.55 } else { 0.2 } * draw.log_normal(1.0, 0.5);
        let custom = CustomerPeriod { lifetime_value, cost_to_serve: (lifetime_value * effort + 800.0).round() };
        let reason = |draw: &mut SeededRng, applies: bool, texts: &[&'static str]| {
            let text = draw.choice(texts);
            if applies { text } else { "" }
        };
        Self {
            status,
            deal_size,
            decided: Date { days: FIRST_DAY + (SIGNING_DAYS - age) as i32 },
            history: (status != SimulatedStatus::Lost).then_some(custom),
            win_reason: reason(draw, status != SimulatedStatus::Lost, &company_names::WIN_REASONS),
            loss_reason: reason(draw, status == SimulatedStatus::Lost, &company_names::LOSS_REASONS),
            churn_reason: reason(draw, status == SimulatedStatus::Churned, &company_names::CHURN_REASONS),
            cost_to_acquire: draw.log_normal(2500.0, 0.6).round(),
        }
    }
}

/// Returns the effects of the company on buying, in log-odds.
fn purchase_log_odds(company: &Company) -> f64 {
    let middle = (company.employees / 250.0).ln().abs();
    let by_industry = match company.industry {
        "Logistics" => 0.9,
        "Fintech" => 0.8,
        // Only those with skilled people can use the product: an interaction that reverses the effect.
        "Manufacturing" if company.skilled >= 35.0 => 1.3,
        "Manufacturing" => -0.9,
        "Construction" => -0.7,
        _ => 0.0,
    };
    let by_stack = [("Snowflake", 0.7), ("Kafka", 0.5), ("SAP", 0.35), ("Excel only", -1.0)];
    let by_stack: f64 = by_stack.iter().filter(|(name, _)| company.uses(name)).map(|(_, weight)| weight).sum();
    let by_event = match company.critical_event {
        "New regulation" => 0.7,
        "Contract ends" => 0.4,
        "No event" => -0.6,
        _ => 0.0,
    };
    let by_pain = if company.pain == "No clear pain" { -0.9 } else { 0.2 };
    let by_growth = (company.growth / 40.0).clamp(-0.6, 0.8);
    0.9 - 0.75 * middle + by_industry + by_stack + by_event + by_pain + by_growth
}

/// Whether a manufacturer has skilled people, from -1 to 1: the second look of a demonstration.
fn skill_advantage(company: &Company) -> f64 {
    match company.industry {
        "Manufacturing" if company.skilled >= 35.0 => 1.0,
        "Manufacturing" => -1.0,
        _ => 0.0,
    }
}

/// Returns the effects of the company on staying, in log-odds.
fn retention_log_odds(company: &Company) -> f64 {
    let by_size = if company.employees < 50.0 { -1.3 } else { 0.3 };
    let by_decision = if company.decision == "Founder" { -0.4 } else { 0.2 };
    let by_impact = if company.impact == "Convenience" { -0.8 } else { 0.2 };
    let by_stack = if company.uses("Salesforce") { 0.4 } else { 0.0 };
    by_size + by_decision + by_impact + by_stack
}
