//! The segments of a version.

use sweetspot_proto::v1::{self};
use sweetspot_report::segments::{
    DistinctTrait, ExampleCustomer, MedianNumber, Quote, SegmentProfile, SegmentProfiles, SpicedPartAnswers,
};
use tonic::Status;

use super::ReportApi;
use crate::messages::enums::WireEnum as _;

impl ReportApi {
    /// Lists the segments of a version.
    pub(super) async fn list_segments(
        &self,
        request: v1::ListSegmentsRequest,
    ) -> Result<v1::ListSegmentsResponse, Status> {
        let v1::ListSegmentsRequest { version } = request;
        let document = self.build_document(&version, |input| segments(SegmentProfiles::new(input)));
        Ok(v1::ListSegmentsResponse { segments: Some(document.await?) })
    }
}

/// Converts the segments.
pub(in crate::api) fn segments(view: SegmentProfiles) -> v1::Segments {
    let SegmentProfiles { version, segments, note, outside, put_out, findings_without_segment, currency } = view;
    v1::Segments {
        version,
        segments: segments.into_iter().map(segment).collect(),
        outside_customers: outside.total,
        outside_ideal: outside.part,
        currency_code: currency.unwrap_or_default(),
        note,
        put_out_customers: put_out.total,
        put_out_ideal: put_out.part,
        findings_without_segment,
    }
}

fn segment(view: SegmentProfile) -> v1::Segment {
    let (low, high) = view.ideal.interval();
    v1::Segment {
        id: view.id,
        name: view.name,
        rule: view.conditions,
        how_to_spot_one: view.rule_sentence,
        customers: view.ideal.total,
        ideal: view.ideal.part,
        ideal_rate: view.ideal.rate(),
        ideal_rate_low: low,
        ideal_rate_high: high,
        stability: view.stability,
        net_value: view.value,
        value_share: view.value_share,
        value_if_ideal: view.value_if_ideal,
        sizes: view.sizes.into_iter().map(size).collect(),
        traits: view.traits.into_iter().map(segment_trait).collect(),
        use_cases: view.use_cases.into_iter().map(quote).collect(),
        spiced: view.spiced.into_iter().map(spiced).collect(),
        distinct_pain: view.distinct_pain.map(quote),
        examples: view.examples.into_iter().map(example).collect(),
    }
}

fn size(view: MedianNumber) -> v1::SegmentSize {
    let MedianNumber { name, median, customers } = view;
    v1::SegmentSize { name: name.key, median, customers }
}

fn segment_trait(view: DistinctTrait) -> v1::SegmentTrait {
    let DistinctTrait { attribute, value, here, elsewhere, lift } = view;
    v1::SegmentTrait {
        attribute: attribute.key,
        value,
        here: here.part,
        here_of: here.total,
        elsewhere: elsewhere.part,
        elsewhere_of: elsewhere.total,
        lift,
    }
}

fn quote(view: Quote) -> v1::SegmentQuote {
    let Quote { text, customers } = view;
    v1::SegmentQuote { text, customers }
}

fn spiced(view: SpicedPartAnswers) -> v1::SegmentSpiced {
    let SpicedPartAnswers { part, quotes, findings } = view;
    v1::SegmentSpiced { part: part.wire().into(), quotes: quotes.into_iter().map(quote).collect(), findings }
}

fn example(view: ExampleCustomer) -> v1::SegmentExample {
    let ExampleCustomer { account_id, name, value } = view;
    v1::SegmentExample { account_id, name, net_value: value }
}
