//! Converts common traits of the best customers, and their potential to expand, to messages.

use sweetspot_proto::v1;
use sweetspot_report::value::{CommonTrait, CommonTraits, GrowthPotential};

use super::estimate::{estimate, share};
use crate::messages::enums::WireEnum as _;

pub(super) fn common(common: CommonTraits) -> v1::ValueCommon {
    let CommonTraits { best, rest, examined_count: looked_at, traits, omitted_count: more } = common;
    v1::ValueCommon { best, rest, looked_at, traits: traits.into_iter().map(wire_trait).collect(), more }
}

fn wire_trait(common_trait: CommonTrait) -> v1::ValueTrait {
    let CommonTrait { part, attribute, value, best, rest, lift, interval: (lift_low, lift_high) } = common_trait;
    let (best, rest) = (Some(share(best)), Some(share(rest)));
    v1::ValueTrait { part: part.wire().into(), attribute: attribute.key, value, best, rest, lift, lift_low, lift_high }
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
