//! An invented company: what can be known about it before a sale.

use super::company_names;
use super::seeded_rng::SeededRng;

/// A company.
pub(super) struct Company {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) industry: &'static str,
    pub(super) employees: f64,
    /// Yearly revenue in euros.
    pub(super) revenue: f64,
    /// Yearly growth in percent.
    pub(super) growth: f64,
    pub(super) country: &'static str,
    pub(super) region: &'static str,
    pub(super) technologies: Vec<&'static str>,
    pub(super) use_case: &'static str,
    /// Share of the staff with a technical degree, in percent.
    pub(super) skilled: f64,
    pub(super) decision_makers: u32,
    pub(super) situation: &'static str,
    pub(super) pain: &'static str,
    pub(super) impact: &'static str,
    pub(super) critical_event: &'static str,
    pub(super) decision: &'static str,
}

impl Company {
    /// Generates a company with realistic correlations, such as between revenue and staff, or stack and industry.
    pub(super) fn generate(draw: &mut SeededRng, number: usize, prefix: &str) -> Self {
        let industry = draw.weighted(&company_names::INDUSTRIES, "Retail");
        let employees = draw.log_normal(140.0, 1.1).round().clamp(3.0, 20_000.0);
        let revenue = (employees * draw.log_normal(160_000.0, 0.45) / 1000.0).round() * 1000.0;
        let (country, region) = draw.weighted(&company_names::COUNTRIES, ("Germany", "DACH"));
        let technical = matches!(industry, "Fintech" | "Software");
        Self {
            id: format!("{prefix}{number:05}"),
            name: company_names::company_name(draw),
            industry,
            employees,
            revenue,
            growth: ((8.0 + 14.0 * draw.normal() + if technical { 8.0 } else { 0.0 }) * 10.0).round() / 10.0,
            country,
            region,
            technologies: stack(draw, technical, employees),
            use_case: use_case(draw, industry),
            skilled: (if technical { 55.0 } else { 25.0 } + 14.0 * draw.normal()).round().clamp(0.0, 100.0),
            decision_makers: 1 + (employees.ln() / 2.0 + draw.normal().abs() * 1.2) as u32,
            situation: draw.choice(&company_names::SITUATIONS),
            pain: draw.choice(&company_names::PAINS),
            impact: draw.choice(&company_names::IMPACTS),
            critical_event: draw.choice(&company_names::CRITICAL_EVENTS),
            decision: if employees < 40.0 && draw.chance(0.6) {
                "Founder"
            } else {
                draw.choice(&company_names::DECISIONS)
            },
        }
    }

    /// Returns whether this technology is in use.
    pub(super) fn uses(&self, technology: &str) -> bool {
        self.technologies.contains(&technology)
    }
}

fn stack(draw: &mut SeededRng, technical: bool, employees: f64) -> Vec<&'static str> {
    let mut stack = Vec::new();
    for (technology, share) in company_names::TECHNOLOGIES {
        let factor = match technology {
            "Snowflake" | "Kafka" | "AWS" if technical => 1.6,
            "SAP" | "Oracle" if employees > 300.0 => 1.7,
            "SAP" | "Oracle" => 0.6,
            "Excel only" if employees > 60.0 => 0.3,
            _ => 1.0,
        };
        // There is always one draw per technology, so that changing one share has no effect on the others.
        if draw.chance(share * factor) {
            stack.push(technology);
        }
    }
    stack
}

fn use_case(draw: &mut SeededRng, industry: &str) -> &'static str {
    let own = match industry {
        "Logistics" | "Construction" => "Route planning",
        "Fintech" => "Fraud checks",
        "Manufacturing" => "Quality control",
        "Retail" => "Demand forecasting",
        _ => "Reporting",
    };
    if draw.chance(0.6) { own } else { draw.choice(&company_names::USE_CASES) }
}
