//! Refuses requests of web pages, except for those of accepted origins: anyone can write a page.

use std::net::IpAddr;

use tonic::codegen::http::HeaderMap;
use tonic::codegen::http::header::{HOST, ORIGIN};

use super::request_error::HttpRequestError;
use super::web_origins::AcceptedOrigins;

/// The host names that requests may be sent to. Addresses are always accepted: a page cannot use one as its own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcceptedHosts {
    /// Any name: the port is meant to be reached from other machines.
    Any,
    /// `localhost` and these names. A page whose name resolves to this machine does not reach the port.
    Named(Vec<String>),
}

impl AcceptedHosts {
    /// The names of the settings, or else those that suit a port on loopback or beyond it.
    #[must_use]
    pub fn new(names: Option<&[String]>, is_loopback: bool) -> Self {
        match names {
            Some(names) => Self::Named(names.to_vec()),
            None if is_loopback => Self::Named(Vec::new()),
            None => Self::Any,
        }
    }

    fn contains(&self, host: &str) -> bool {
        let name = host_name(host);
        let is_named = |names: &[String]| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        match self {
            Self::Any => true,
            Self::Named(names) => {
                name.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost") || is_named(names)
            }
        }
    }
}

/// A host without its port, brackets and final dot.
fn host_name(host: &str) -> &str {
    let host = host.trim();
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    name.strip_suffix('.').unwrap_or(name)
}

/// Checks that a request does not come from a web page, unless the origin of the page is accepted.
///
/// # Errors
/// [`HttpRequestError::Origin`] if the request has another origin, as requests of pages to other sites have;
/// [`HttpRequestError::Host`] if it is sent to a name that is not accepted. Clients that send no host are no browsers.
pub(super) fn check_origin(
    headers: &HeaderMap,
    accepted: &AcceptedHosts,
    origins: &AcceptedOrigins,
) -> Result<(), HttpRequestError> {
    if headers.get_all(ORIGIN).iter().any(|origin| !origins.contains(origin)) {
        return Err(HttpRequestError::Origin);
    }
    let is_accepted = |host: &str| accepted.contains(host);
    let is_refused = headers.get_all(HOST).iter().any(|host| !host.to_str().is_ok_and(is_accepted));
    if is_refused { Err(HttpRequestError::Host) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_accepted_is_refused_on_loopback() {
        let loopback = AcceptedHosts::new(None, true);
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:80", "[::1]:8080", "[::1]", "10.0.0.7", "localhost."] {
            assert!(loopback.contains(host), "{host}");
        }
        for host in ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
            assert!(!loopback.contains(host), "{host}");
            assert!(AcceptedHosts::new(None, false).contains(host), "{host}");
        }
        let named = AcceptedHosts::new(Some(&["Scores.internal".to_owned()]), false);
        assert!(named.contains("scores.INTERNAL:80") && named.contains("localhost") && !named.contains("other"));
    }

    #[test]
    fn an_origin_and_a_second_host_are_refused() {
        let accepted = AcceptedHosts::new(None, true);
        let check = |headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            let origins = AcceptedOrigins::new(&["https://crm.example".to_owned()]);
            check_origin(&map, &accepted, &origins)
        };
        assert!(check(&[]).is_ok() && check(&[("host", "localhost")]).is_ok());
        let with_origin = |origin: &str| check(&[("host", "localhost"), ("origin", origin)]);
        assert!(with_origin("https://crm.example").is_ok());
        for origin in ["null", "https://crm.example.evil", "http://crm.example", "https://crm.example:8443", ""] {
            assert!(matches!(with_origin(origin), Err(HttpRequestError::Origin)), "{origin}");
        }
        let two = check(&[("origin", "https://crm.example"), ("origin", "null")]);
        assert!(matches!(two, Err(HttpRequestError::Origin)));
        let refused = check(&[("host", "localhost"), ("host", "evil.example")]);
        assert!(matches!(refused, Err(HttpRequestError::Host)));
    }
}
