//! A page of metrics in Prometheus' text format as messages of OTLP. Names, labels and values stay the same.

use jiff::Timestamp;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum,
};

use super::span_messages::{attribute, unix_nanos};
use crate::telemetry::SpanValue;

/// A label and its value.
type Label<'p> = (&'p str, String);

/// The metrics of one name on a page.
#[derive(Debug, Default)]
struct Family<'p> {
    name: &'p str,
    help: &'p str,
    kind: &'p str,
    samples: Vec<PageSample<'p>>,
}

/// A line with a value.
#[derive(Debug)]
struct PageSample<'p> {
    name: &'p str,
    labels: Vec<Label<'p>>,
    value: f64,
}

/// A histogram with certain labels. Counts are those of values up to a bound.
#[derive(Debug, Default)]
struct Buckets<'p> {
    labels: Vec<Label<'p>>,
    bounds: Vec<f64>,
    counts: Vec<u64>,
    sum: f64,
    count: u64,
}

/// The time of values: when counters began, and now.
#[derive(Clone, Copy, Debug)]
struct Times {
    start: u64,
    now: u64,
}

/// Returns the metrics of a page. Its counters began at `start`.
pub(super) fn metric_messages(page: &str, start: Timestamp, now: Timestamp) -> Vec<Metric> {
    let times = Times { start: unix_nanos(start), now: unix_nanos(now) };
    families(page).into_iter().filter(|family| !family.samples.is_empty()).map(|family| family.message(times)).collect()
}

/// The number of values of metrics; a histogram is one.
pub(super) fn value_count(metrics: &[Metric]) -> u64 {
    let count = |metric: &Metric| match &metric.data {
        Some(Data::Gauge(gauge)) => gauge.data_points.len(),
        Some(Data::Sum(sum)) => sum.data_points.len(),
        Some(Data::Histogram(histogram)) => histogram.data_points.len(),
        Some(Data::ExponentialHistogram(_) | Data::Summary(_)) | None => 0,
    };
    metrics.iter().map(count).sum::<usize>() as u64
}

fn families(page: &str) -> Vec<Family<'_>> {
    let mut families: Vec<Family<'_>> = Vec::new();
    for line in page.lines() {
        let described = ["# HELP ", "# TYPE "].iter().find_map(|start| line.strip_prefix(start));
        let Some((name, text)) = described.map(|rest| rest.split_once(' ').unwrap_or((rest, ""))) else {
            if let Some((family, sample)) = families.last_mut().zip(parse_sample(line)) {
                family.samples.push(sample);
            }
            continue;
        };
        if families.last().is_none_or(|family| family.name != name) {
            families.push(Family { name, ..Family::default() });
        }
        if let Some(family) = families.last_mut() {
            *(if line.starts_with("# HELP") { &mut family.help } else { &mut family.kind }) = text;
        }
    }
    families
}

/// Reads a line such as `name{label="value"} 5`. `None` for a comment or an empty line.
fn parse_sample(line: &str) -> Option<PageSample<'_>> {
    let (name, mut rest) = line.split_at(line.find(['{', ' '])?);
    if name.starts_with('#') {
        return None;
    }
    let mut labels = Vec::new();
    if let Some(list) = rest.strip_prefix('{') {
        rest = list;
        while !rest.starts_with('}') {
            let (key, quoted) = rest.split_once("=\"")?;
            let (value, after) = unescape(quoted)?;
            labels.push((key, value));
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        rest = rest.strip_prefix('}')?;
    }
    Some(PageSample { name, labels, value: rest.trim().parse().ok()? })
}

/// Returns a text up to its closing quotation mark, and what follows that.
fn unescape(quoted: &str) -> Option<(String, &str)> {
    let (mut text, mut letters) = (String::new(), quoted.chars());
    loop {
        match letters.next()? {
            '"' => return Some((text, letters.as_str())),
            '\\' => text.push(match letters.next()? {
                'n' => '\n',
                other => other,
            }),
            other => text.push(other),
        }
    }
}

impl<'p> Family<'p> {
    fn message(self, times: Times) -> Metric {
        let (name, description) = (self.name.to_owned(), self.help.to_owned());
        let aggregation_temporality = AggregationTemporality::Cumulative.into();
        let data = match self.kind {
            "histogram" => {
                let data_points = self.histograms().into_iter().map(|buckets| buckets.message(times)).collect();
                Data::Histogram(Histogram { data_points, aggregation_temporality })
            }
            "counter" => Data::Sum(Sum {
                data_points: self.samples.into_iter().map(|sample| sample.message(times.start, times.now)).collect(),
                aggregation_temporality,
                is_monotonic: true,
            }),
            // A gauge has no beginning.
            _ => Data::Gauge(Gauge {
                data_points: self.samples.into_iter().map(|sample| sample.message(0, times.now)).collect(),
            }),
        };
        Metric { name, description, data: Some(data), ..Metric::default() }
    }

    /// Joins the lines with the same labels.
    fn histograms(self) -> Vec<Buckets<'p>> {
        let mut found: Vec<Buckets<'p>> = Vec::new();
        for PageSample { name, mut labels, value } in self.samples {
            let bound = labels.iter().position(|(key, _)| *key == "le").map(|at| labels.remove(at).1);
            if found.last().is_none_or(|buckets| buckets.labels != labels) {
                found.push(Buckets { labels, ..Buckets::default() });
            }
            let Some(buckets) = found.last_mut() else { continue };
            if let Some(bound) = bound {
                // The last bucket has no bound.
                buckets.bounds.extend(bound.parse().ok().filter(|bound: &f64| bound.is_finite()));
                buckets.counts.push(value as u64);
            } else if name.ends_with("_sum") {
                buckets.sum = value;
            } else {
                buckets.count = value as u64;
            }
        }
        found
    }
}

impl PageSample<'_> {
    fn message(self, start: u64, now: u64) -> NumberDataPoint {
        NumberDataPoint {
            attributes: attributes(self.labels),
            start_time_unix_nano: start,
            time_unix_nano: now,
            value: Some(Value::AsDouble(self.value)),
            ..NumberDataPoint::default()
        }
    }
}

impl Buckets<'_> {
    fn message(self, times: Times) -> HistogramDataPoint {
        let below = std::iter::once(0).chain(self.counts.iter().copied());
        let bucket_counts = self.counts.iter().zip(below).map(|(count, below)| count.saturating_sub(below)).collect();
        HistogramDataPoint {
            attributes: attributes(self.labels),
            start_time_unix_nano: times.start,
            time_unix_nano: times.now,
            count: self.count,
            sum: Some(self.sum),
            bucket_counts,
            explicit_bounds: self.bounds,
            ..HistogramDataPoint::default()
        }
    }
}

fn attributes(labels: Vec<Label<'_>>) -> Vec<KeyValue> {
    labels.into_iter().map(|(key, value)| attribute(key, SpanValue::Text(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP a_total Calls.\n# TYPE a_total counter\na_total{x=\"1\"} 3\na_total{x=\"a\\\"b\\\\c,d}\"} 4\n\n\
                        # TYPE b gauge\n# HELP b Level.\nb 0.5\n# TYPE empty gauge\n\
                        # TYPE h histogram\nh_bucket{x=\"1\",le=\"0.1\"} 2\nh_bucket{x=\"1\",le=\"1\"} 2\n\
                        h_bucket{x=\"1\",le=\"+Inf\"} 5\nh_sum{x=\"1\"} 7.5\nh_count{x=\"1\"} 5\n\
                        h_bucket{x=\"2\",le=\"0.1\"} 0\nh_bucket{x=\"2\",le=\"1\"} 1\nh_bucket{x=\"2\",le=\"+Inf\"} 1\n\
                        h_sum{x=\"2\"} 0.5\nh_count{x=\"2\"} 1\n";

    #[test]
    fn a_page_becomes_messages_with_the_same_values() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let metrics = metric_messages(PAGE, at(1), at(3));
        assert_eq!(metrics.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>(), ["a_total", "b", "h"]);
        assert_eq!(value_count(&metrics), 5);
        let [Some(Data::Sum(calls)), Some(Data::Gauge(level)), Some(Data::Histogram(times))] =
            [0, 1, 2].map(|at: usize| metrics[at].data.clone())
        else {
            panic!("{metrics:?}")
        };
        assert_eq!((metrics[0].description.as_str(), metrics[1].description.as_str()), ("Calls.", "Level."));
        assert!(calls.is_monotonic);
        assert_eq!(calls.data_points[0].value, Some(Value::AsDouble(3.0)));
        assert_eq!(calls.data_points[0].start_time_unix_nano, 1_000_000_000);
        assert_eq!(calls.data_points[1].attributes, [attribute("x", SpanValue::Text("a\"b\\c,d}".to_owned()))]);
        assert_eq!(level.data_points[0].value, Some(Value::AsDouble(0.5)));
        assert_eq!(level.data_points[0].time_unix_nano, 3_000_000_000);
        let [one, two] = &times.data_points[..] else { panic!("{times:?}") };
        assert_eq!((one.count, one.sum), (5, Some(7.5)));
        assert_eq!((&one.explicit_bounds[..], &one.bucket_counts[..]), (&[0.1, 1.0][..], &[2, 0, 3][..]));
        assert_eq!(&two.bucket_counts[..], [0, 1, 0]);
        assert_eq!(two.attributes, [attribute("x", SpanValue::Text("2".to_owned()))]);
    }

    #[test]
    fn lines_that_are_no_values_are_left_out() {
        for line in ["", "# EOF", "a", "a{b} 1", "a{b=\"c} 1", "a{b=\"c\" 1", "a x", "# comment 5"] {
            assert!(parse_sample(line).is_none(), "{line}");
        }
        assert_eq!(parse_sample("a{b=\"c\",} +Inf").unwrap().value, f64::INFINITY);
    }
}
