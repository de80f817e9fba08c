//! The span of the caller of a call, as the header `traceparent` names it (W3C Trace Context).

use tonic::codegen::http::HeaderMap;

use crate::telemetry::{RemoteSpan, TraceId};

/// The flag of a span that its caller records.
const SAMPLED: u8 = 1;

/// Returns the span of the caller. `None` without a valid header.
pub(super) fn remote_span(headers: &HeaderMap) -> Option<RemoteSpan> {
    let mut values = headers.get_all("traceparent").iter();
    let (Some(header), None) = (values.next(), values.next()) else { return None };
    let mut fields = header.to_str().ok()?.split('-');
    let [version, trace, parent, flags] = [fields.next()?, fields.next()?, fields.next()?, fields.next()?];
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    // Later versions may add fields.
    let is_version = is_hex(version, 2) && version != "ff" && (version != "00" || fields.next().is_none());
    if !(is_version && is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2)) {
        return None;
    }
    let trace_id = TraceId(u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?);
    let span_id = u64::from_str_radix(parent, 16).ok().filter(|id| *id != 0)?;
    let is_sampled = u8::from_str_radix(flags, 16).is_ok_and(|flags| flags & SAMPLED != 0);
    Some(RemoteSpan { trace_id, span_id, is_sampled })
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::HeaderValue;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn read(values: &[&str]) -> Option<RemoteSpan> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("traceparent", HeaderValue::from_str(value).unwrap());
        }
        remote_span(&headers)
    }

    #[test]
    fn a_valid_header_names_a_span_and_others_are_ignored() {
        let valid = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let later = format!("cc-{TRACE}-00f067aa0ba902b7-03-what-comes-next");
        let found = read(&[&valid]).unwrap();
        assert_eq!((found.trace_id.to_string().as_str(), found.span_id), (TRACE, 0xf0_67aa_0ba9_02b7));
        assert!(found.is_sampled);
        assert_eq!(read(&[&later]), Some(found));
        let unsampled = read(&[&valid.replace("-01", "-02")]).unwrap();
        assert_eq!(unsampled, RemoteSpan { is_sampled: false, ..found });
        for invalid in [
            String::new(),
            TRACE.to_owned(),
            valid.replace("00-4", "ff-4"),
            valid.replace("00-4", "0-4"),
            valid.to_uppercase(),
            valid.replace(TRACE, &"0".repeat(32)),
            valid.replace("00f067aa0ba902b7", &"0".repeat(16)),
            valid.replace(TRACE, &TRACE[1..]),
            format!("{valid}-more"),
            format!("{valid} "),
        ] {
            assert_eq!(read(&[&invalid]), None, "{invalid}");
        }
        assert_eq!(read(&[&valid, &valid]), None);
        assert_eq!(read(&[]), None);
    }
}
