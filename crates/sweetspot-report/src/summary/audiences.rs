//! The profile for different audiences.

use sweetspot_core::{IcpCategory, SpicedPart, Stance};

use super::super::{Block, ColumnHead, Factor, Table, format_money, format_percent, plural};
use super::Summary;
use super::growth::{SpendingGrowth, SpendingMeans};
use super::hypothesis_blocks::stated_traits;

/// The three parts of a verified profile: a valuable problem, the ability to solve it, the potential to grow.
pub(super) fn verified_profile(summary: &Summary, currency: Option<&str>) -> Vec<Block> {
    let strongest = |category| {
        let part = summary.parts.iter().find(|part| part.category == category);
        let factors =
            part.into_iter().flat_map(|part| &part.factors).filter(|factor| factor.stance == Stance::Positive);
        let mut traits: Vec<String> = factors.take(3).map(Factor::name).collect();
        if traits.is_empty() {
            traits = stated_traits(summary, Some(category), true, 3);
        }
        if traits.is_empty() { "not yet known".to_owned() } else { traits.join("; ") }
    };
    let pain = summary.spiced.iter().filter(|shared| matches!(shared.part, SpicedPart::Pain | SpicedPart::Impact));
    let pain: Vec<String> = pain.filter_map(|shared| Some(shared.answers.texts().next()?.to_owned())).collect();
    let problem = match (strongest(IcpCategory::BusinessProblem), pain.is_empty()) {
        (traits, true) => traits,
        (traits, false) => format!("{traits}; most often mentioned: {}", pain.join("; ")),
    };
    let row = |name: &str, traits: String| vec![name.into(), traits.into()];
    let rows = vec![
        row("A valuable problem", problem),
        row("The ability to solve it", strongest(IcpCategory::ImpactPotential)),
        row(
            "The potential to grow",
            summary.growth.map_or_else(|| "not yet known".to_owned(), |g| growth(g, currency)),
        ),
    ];
    vec![
        Block::Heading(2, "Problem, ability, growth".to_owned()),
        Block::Table(Table {
            caption: "The three parts of a verified profile".to_owned(),
            columns: vec![ColumnHead::text("part"), ColumnHead::text("associated with it")],
            rows,
        }),
    ]
}

fn growth(growth: SpendingGrowth, currency: Option<&str>) -> String {
    let trend = |who: &str, means: SpendingMeans| {
        if means.customers == 0 {
            return format!("not known for {who} customers");
        }
        let grown =
            means.growth().map(|share| format!(" ({}{})", if share > 0.0 { "+" } else { "" }, format_percent(share)));
        format!(
            "{} spent on average {} in the first quarter and {} in the sixth{}",
            plural(means.customers, &format!("{who} customer"), &format!("{who} customers")),
            format_money(means.first, currency),
            format_money(means.last, currency),
            grown.unwrap_or_default()
        )
    };
    format!("{}; {}", trend("ideal", growth.ideal), trend("other", growth.others))
}

/// The profile for marketing, product and success (Upland: each category is a reference point for one of them).
pub(super) fn audience_blocks(summary: &Summary) -> Vec<Block> {
    let names = |category| {
        let part = summary.parts.iter().find(|part| part.category == category);
        let positive =
            part.into_iter().flat_map(|part| &part.factors).filter(|factor| factor.stance == Stance::Positive);
        let mut names: Vec<String> = positive.take(5).map(Factor::name).collect();
        if names.is_empty() {
            names = stated_traits(summary, Some(category), true, 5);
        }
        if names.is_empty() { "not yet known".to_owned() } else { names.join("; ") }
    };
    let texts = |part: SpicedPart| {
        let shared = summary.spiced.iter().find(|shared| shared.part == part);
        let texts: Vec<String> =
            shared.into_iter().flat_map(|s| s.answers.texts()).take(3).map(str::to_owned).collect();
        if texts.is_empty() { "not yet interviewed".to_owned() } else { texts.join("; ") }
    };
    let mut against: Vec<String> = summary.negative_factors.iter().take(5).map(Factor::name).collect();
    if against.is_empty() {
        against = stated_traits(summary, None, false, 5);
    }
    let against = if against.is_empty() { "nothing certain yet".to_owned() } else { against.join("; ") };
    let row = |who: &str, asks: &str, answer: String| vec![who.into(), asks.into(), answer.into()];
    vec![
        Block::Heading(2, "For marketing, product and success".to_owned()),
        Block::Table(Table {
            caption: "One profile, three readers".to_owned(),
            columns: vec![ColumnHead::text("reader"), ColumnHead::text("asks"), ColumnHead::text("the profile says")],
            rows: vec![
                row("Marketing", "Whom to address?", names(IcpCategory::Firmographics)),
                row("Marketing", "With which message?", texts(SpicedPart::Pain)),
                row("Product", "Which problem to solve?", names(IcpCategory::BusinessProblem)),
                row("Product", "What changes for them?", texts(SpicedPart::Impact)),
                row("Success", "Who will succeed?", names(IcpCategory::ImpactPotential)),
                row("Success", "Whom to watch?", against),
            ],
        }),
    ]
}
