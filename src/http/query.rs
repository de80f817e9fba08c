//! What stands behind the `?` of a path.

use sweetspot_proto::v1::ReportFormat;

use super::malformed::{Malformed, cut};

/// Which page of a list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// How many entries; 0: as many as the service likes.
    pub(super) size: i32,
    /// Where it begins.
    pub(super) token: String,
}

/// No parameters.
///
/// # Errors
/// Where there are some.
pub(super) fn none(query: &str) -> Result<(), Malformed> {
    pairs(query).next().map_or(Ok(()), |(name, _)| Err(wrong(name, "this path accepts no parameters")))
}

/// The parameters of a list, in either spelling of protobuf's JSON.
///
/// # Errors
/// Where there are others, or a size that is no number.
pub(super) fn page(query: &str) -> Result<Page, Malformed> {
    let mut page = Page::default();
    for (name, value) in pairs(query) {
        match name {
            "pageSize" | "page_size" => {
                page.size = value.parse().map_err(|_| wrong(name, "it must be a whole number"))?;
            }
            // Tokens hold nothing that would have to be escaped.
            "pageToken" | "page_token" => value.clone_into(&mut page.token),
            _ => return Err(wrong(name, "this path accepts pageSize and pageToken")),
        }
    }
    Ok(page)
}

/// The form of a report, by name; none: as the service likes.
///
/// # Errors
/// Where there are other parameters, or there is no such form.
pub(super) fn report_format(query: &str) -> Result<ReportFormat, Malformed> {
    let mut format = ReportFormat::Unspecified;
    for (name, value) in pairs(query) {
        format = match (name, value) {
            ("format", "html") => ReportFormat::Html,
            ("format", "md" | "markdown") => ReportFormat::Markdown,
            ("format", "json") => ReportFormat::Json,
            ("format", _) => return Err(wrong(name, "it must be html, md or json")),
            _ => return Err(wrong(name, "this path accepts format")),
        };
    }
    Ok(format)
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn wrong(name: &str, expects: &'static str) -> Malformed {
    Malformed::Query { name: cut(name).to_owned(), expects }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_asked_for_in_either_spelling() {
        let expected = Page { size: 7, token: "ab.1".to_owned() };
        for query in ["pageSize=7&pageToken=ab.1", "page_token=ab.1&&page_size=7"] {
            assert_eq!(page(query).unwrap(), expected);
        }
        assert_eq!(page("").unwrap(), Page::default());
    }

    #[test]
    fn a_report_is_asked_for_in_a_form() {
        assert_eq!(report_format("format=md").unwrap(), ReportFormat::Markdown);
        assert_eq!(report_format("").unwrap(), ReportFormat::Unspecified);
        assert!(report_format("format=pdf").is_err() && report_format("title=a").is_err());
    }

    #[test]
    fn what_means_nothing_is_refused_by_name() {
        for (query, name) in [("pageSize=x", "pageSize"), ("pagesize=1", "pagesize"), ("=", "")] {
            assert!(matches!(page(query).unwrap_err(), Malformed::Query { name: told, .. } if told == name));
        }
        assert!(none("").is_ok() && none("&").is_ok() && none("a").is_err());
    }
}
