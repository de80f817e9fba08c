//! What the best customers have in common, and whether they can grow.

use sweetspot_proto::v1;
use sweetspot_report::value::{Common, GrowthPotential, Part, Trait};

use super::figures::{estimate, share};

pub(super) fn common(common: Common) -> v1::ValueCommon {
    let Common { best, rest, looked_at, traits, more } = common;
    v1::ValueCommon { best, rest, looked_at, traits: traits.into_iter().map(one).collect(), more }
}

fn one(one: Trait) -> v1::ValueTrait {
    let Trait { part, attribute, value, best, rest, lift, interval: (lift_low, lift_high) } = one;
    let (best, rest) = (Some(share(best)), Some(share(rest)));
    v1::ValueTrait { part: wire_part(part).into(), attribute, value, best, rest, lift, lift_low, lift_high }
}

const fn wire_part(part: Part) -> v1::ValuePart {
    match part {
        Part::ValuableProblem => v1::ValuePart::ValuableProblem,
        Part::AbilityToSolve => v1::ValuePart::AbilityToSolve,
        Part::GrowthPotential => v1::ValuePart::GrowthPotential,
        Part::WhoTheyAre => v1::ValuePart::WhoTheyAre,
    }
}

pub(super) fn growth(potential: GrowthPotential) -> v1::ValueGrowth {
    let GrowthPotential { growing, growth, quarters, complete, use_cases, use_cases_in_all, with_use_cases } =
        potential;
    v1::ValueGrowth {
        growing: Some(share(growing)),
        growth: growth.map(estimate),
        quarters: quarters.into(),
        complete,
        use_cases,
        use_cases_in_all,
        with_use_cases,
    }
}
