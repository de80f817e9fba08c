//! The segments of a version.

use sweetspot_core::Spiced;
use sweetspot_proto::v1::segment_spiced::Part;
use sweetspot_proto::v1::{self};
use sweetspot_report::segments::{Example, Quote, Segment, Segments, Size, SpicedLine, Trait};
use tonic::Status;

use super::Profile;

impl Profile {
    /// The kinds of ideal customers that a version knows.
    pub(super) async fn segments(&self, request: v1::ListSegmentsRequest) -> Result<v1::ListSegmentsResponse, Status> {
        let v1::ListSegmentsRequest { version } = request;
        let made = self.document(&version, |evidence| segments(Segments::of(evidence)));
        Ok(v1::ListSegmentsResponse { segments: Some(made.await?) })
    }
}

/// The view as it is answered.
pub(in crate::api) fn segments(view: Segments) -> v1::Segments {
    let Segments { version, segments, outside, currency } = view;
    v1::Segments {
        version,
        segments: segments.into_iter().map(segment).collect(),
        outside_customers: outside.of,
        outside_ideal: outside.part,
        currency_code: currency.unwrap_or_default(),
    }
}

fn segment(view: Segment) -> v1::Segment {
    let (low, high) = view.ideal.interval();
    v1::Segment {
        id: view.id,
        name: view.name,
        rule: view.rule,
        how_to_spot_one: view.spot,
        customers: view.ideal.of,
        ideal: view.ideal.part,
        ideal_rate: view.ideal.rate(),
        ideal_rate_low: low,
        ideal_rate_high: high,
        stability: view.stability,
        net_value: view.value,
        value_share: view.value_share,
        value_if_ideal: view.value_if_ideal,
        sizes: view.sizes.into_iter().map(size).collect(),
        traits: view.traits.into_iter().map(told).collect(),
        use_cases: view.use_cases.into_iter().map(quote).collect(),
        spiced: view.spiced.into_iter().map(spiced).collect(),
        distinct_pain: view.distinct_pain.map(quote),
        examples: view.examples.into_iter().map(example).collect(),
    }
}

fn size(view: Size) -> v1::SegmentSize {
    let Size { name, median, customers } = view;
    v1::SegmentSize { name, median, customers }
}

fn told(view: Trait) -> v1::SegmentTrait {
    let Trait { attribute, value, here, elsewhere, lift } = view;
    v1::SegmentTrait {
        attribute,
        value,
        here: here.part,
        here_of: here.of,
        elsewhere: elsewhere.part,
        elsewhere_of: elsewhere.of,
        lift,
    }
}

fn quote(view: Quote) -> v1::SegmentQuote {
    let Quote { text, customers } = view;
    v1::SegmentQuote { text, customers }
}

fn spiced(view: SpicedLine) -> v1::SegmentSpiced {
    let SpicedLine { part, quotes, findings } = view;
    let part = match part {
        Spiced::Situation => Part::Situation,
        Spiced::Pain => Part::Pain,
        Spiced::Impact => Part::Impact,
        Spiced::CriticalEvent => Part::CriticalEvent,
        Spiced::Decision => Part::Decision,
    };
    v1::SegmentSpiced { part: part.into(), quotes: quotes.into_iter().map(quote).collect(), findings }
}

fn example(view: Example) -> v1::SegmentExample {
    let Example { account_id, name, value } = view;
    v1::SegmentExample { account_id, name, net_value: value }
}
