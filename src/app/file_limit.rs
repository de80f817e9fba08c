//! The limit of open files of the process. Each connection is a file.

use crate::config::ServerSettings;

/// The files that the process opens besides connections: the store, the log, the runtime, and imports in progress.
const OTHER_FILES: u64 = 200;

/// The number of files that all connections of these settings need.
fn needed_files(settings: &ServerSettings) -> u64 {
    let http = settings.http_listen.map_or(0, |_| settings.http_max_connections);
    (settings.max_connections + http) as u64 + OTHER_FILES
}

/// Raises the limit of open files to what the settings need, as far as the process may. Logs a warning if that is not
/// enough.
#[cfg(unix)]
pub(crate) fn raise_file_limit(settings: &ServerSettings) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let needed = needed_files(settings);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(limit) = current.filter(|limit| *limit < needed) else { return };
    let raised = maximum.map_or(needed, |maximum| needed.min(maximum));
    let limit = match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
        Ok(()) => raised,
        Err(_) => limit,
    };
    if limit < needed {
        tracing::warn!(
            limit,
            needed,
            "too few open files for server.max_connections: raise the limit (ulimit -n), or further connections wait"
        );
    }
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub(crate) fn raise_file_limit(_settings: &ServerSettings) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_of_both_ports_need_files() {
        let mut settings =
            ServerSettings { max_connections: 1000, http_max_connections: 50, ..ServerSettings::default() };
        assert_eq!(needed_files(&settings), 1200);
        settings.http_listen = Some("127.0.0.1:0".parse().unwrap());
        assert_eq!(needed_files(&settings), 1250);
    }
}
