//! The trace of a call, as its caller names it in the header `traceparent` (W3C Trace Context).

use tonic::codegen::http::HeaderMap;

/// Returns the trace id of a call: 32 hexadecimal digits. `None` without a valid header.
pub(super) fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all("traceparent").iter();
    let (Some(header), None) = (values.next(), values.next()) else { return None };
    let mut fields = header.to_str().ok()?.split('-');
    let [version, trace, parent, flags] = [fields.next()?, fields.next()?, fields.next()?, fields.next()?];
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_id = |text: &str, length| is_hex(text, length) && text.bytes().any(|byte| byte != b'0');
    // Later versions may add fields.
    let is_version = is_hex(version, 2) && version != "ff" && (version != "00" || fields.next().is_none());
    (is_version && is_id(trace, 32) && is_id(parent, 16) && is_hex(flags, 2)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::HeaderValue;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn read(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("traceparent", HeaderValue::from_str(value).unwrap());
        }
        trace_id(&headers).map(str::to_owned)
    }

    #[test]
    fn a_valid_header_names_a_trace_and_others_are_ignored() {
        let valid = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let later = format!("cc-{TRACE}-00f067aa0ba902b7-01-what-comes-next");
        assert_eq!(read(&[&valid]).as_deref(), Some(TRACE));
        assert_eq!(read(&[&later]).as_deref(), Some(TRACE));
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
