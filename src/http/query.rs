//! Query parameters.

use sweetspot_proto::v1::ReportFormat;

use super::request_error::{HttpRequestError, truncate};

/// The page of a list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PageParameters {
    /// The maximum number of entries; 0: the service's default.
    pub(super) size: i32,
    /// The page token; empty for the first page.
    pub(super) token: String,
}

/// Checks that there are no parameters.
///
/// # Errors
/// Returns an error if there are any.
pub(super) fn reject_all(query: &str) -> Result<(), HttpRequestError> {
    parameters(query).next().map_or(Ok(()), |(name, _)| Err(invalid_parameter(name, "this path accepts no parameters")))
}

/// Parses the parameters of a list, in either spelling of protobuf's JSON.
///
/// # Errors
/// Returns an error if there are other parameters, or if the size is not a number.
pub(super) fn page(query: &str) -> Result<PageParameters, HttpRequestError> {
    let mut page = PageParameters::default();
    for (name, value) in parameters(query) {
        match name {
            "pageSize" | "page_size" => {
                page.size = value.parse().map_err(|_| invalid_parameter(name, "it must be a whole number"))?;
            }
            // Tokens contain no characters that need escaping.
            "pageToken" | "page_token" => value.clone_into(&mut page.token),
            _ => return Err(invalid_parameter(name, "this path accepts pageSize and pageToken")),
        }
    }
    Ok(page)
}

/// Parses the format of a report, by name. Without a parameter, it is unspecified.
///
/// # Errors
/// Returns an error if there are other parameters, or if the format is unknown.
pub(super) fn report_format(query: &str) -> Result<ReportFormat, HttpRequestError> {
    let mut format = ReportFormat::Unspecified;
    for (name, value) in parameters(query) {
        format = match (name, value) {
            ("format", "html") => ReportFormat::Html,
            ("format", "md" | "markdown") => ReportFormat::Markdown,
            ("format", "json") => ReportFormat::Json,
            ("format", _) => return Err(invalid_parameter(name, "it must be html, md or json")),
            _ => return Err(invalid_parameter(name, "this path accepts format")),
        };
    }
    Ok(format)
}

fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn invalid_parameter(name: &str, expects: &'static str) -> HttpRequestError {
    HttpRequestError::Query { name: truncate(name).to_owned(), expects }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_parameters_are_read_in_either_spelling() {
        let expected = PageParameters { size: 7, token: "ab.1".to_owned() };
        for query in ["pageSize=7&pageToken=ab.1", "page_token=ab.1&&page_size=7"] {
            assert_eq!(page(query).unwrap(), expected);
        }
        assert_eq!(page("").unwrap(), PageParameters::default());
    }

    #[test]
    fn a_report_format_is_read_from_the_query() {
        assert_eq!(report_format("format=md").unwrap(), ReportFormat::Markdown);
        assert_eq!(report_format("").unwrap(), ReportFormat::Unspecified);
        assert!(report_format("format=pdf").is_err() && report_format("title=a").is_err());
    }

    #[test]
    fn unknown_and_invalid_parameters_are_refused_by_name() {
        for (query, name) in [("pageSize=x", "pageSize"), ("pagesize=1", "pagesize"), ("=", "")] {
            assert!(matches!(page(query).unwrap_err(), HttpRequestError::Query { name: told, .. } if told == name));
        }
        assert!(reject_all("").is_ok() && reject_all("&").is_ok() && reject_all("a").is_err());
    }
}
