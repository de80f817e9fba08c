//! What each setting may be. A limit of zero is a mistake, never "no limit".

use std::ops::RangeInclusive;

use super::settings::Settings;

/// One setting's rule.
pub(super) struct Rule {
    /// The dotted key.
    pub(super) key: &'static str,
    /// What its value must be, to complete the sentence "it must be …".
    pub(super) expects: &'static str,
    /// Whether the settings, in which this one may differ from what is built in, hold to it.
    pub(super) holds: fn(&Settings) -> bool,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;

/// A rule for every setting.
pub(super) const RULES: [Rule; 29] = [
    Rule { key: "store", expects: "the path of a folder", holds: |s| !s.store.as_os_str().is_empty() },
    Rule { key: "server.listen", expects: "an address and a port, such as 127.0.0.1:50051", holds: |_| true },
    Rule { key: "server.allow_remote", expects: "true or false", holds: |_| true },
    Rule { key: "server.http_listen", expects: "an address and a port, such as 127.0.0.1:8080", holds: |_| true },
    Rule {
        key: "server.http_max_connections",
        expects: "a whole number from 1 to 10000",
        holds: |s| within(1..=10_000, s.server.http_max_connections as u64),
    },
    Rule { key: "server.reflection", expects: "true or false", holds: |_| true },
    Rule {
        key: "server.workers",
        expects: "a whole number from 0 (one for each core) to 1024",
        holds: |s| within(0..=1024, s.server.workers as u64),
    },
    Rule { key: "server.metrics_listen", expects: "an address and a port, such as 127.0.0.1:9464", holds: |_| true },
    Rule {
        key: "server.max_connections",
        expects: "a whole number from 1 to 100000",
        holds: |s| within(1..=100_000, s.server.max_connections as u64),
    },
    Rule { key: "server.handshake_seconds", expects: SECONDS, holds: |s| within(1..=3600, s.server.handshake_seconds) },
    Rule {
        key: "server.max_connection_age_seconds",
        expects: "a whole number of seconds from 10 to 86400",
        holds: |s| within(10..=86_400, s.server.max_connection_age_seconds),
    },
    Rule {
        key: "server.connection_grace_seconds",
        expects: SECONDS,
        holds: |s| within(1..=3600, s.server.connection_grace_seconds),
    },
    Rule {
        key: "server.max_buffered_bytes",
        expects: "a whole number of bytes from 67108864 to 1099511627776",
        holds: |s| within(64 * MIB..=TIB, s.server.max_buffered_bytes as u64),
    },
    Rule {
        key: "server.body_timeout_seconds",
        expects: SECONDS,
        holds: |s| within(1..=3600, s.server.body_timeout_seconds),
    },
    Rule {
        key: "server.max_queue_ms",
        expects: "a whole number of milliseconds from 1 to 60000",
        holds: |s| within(1..=60_000, s.server.max_queue_ms),
    },
    Rule {
        key: "server.max_concurrent_calls",
        expects: "a whole number from 1 to 100000",
        holds: |s| within(1..=100_000, s.server.max_concurrent_calls as u64),
    },
    Rule {
        key: "server.max_concurrent_streams",
        expects: "a whole number from 1 to 10000",
        holds: |s| within(1..=10_000, u64::from(s.server.max_concurrent_streams)),
    },
    Rule {
        key: "server.max_score_streams",
        expects: "a whole number from 1 to 10000",
        holds: |s| within(1..=10_000, s.server.max_score_streams as u64),
    },
    Rule { key: "server.max_request_bytes", expects: BYTES, holds: |s| message(s.server.max_request_bytes) },
    Rule { key: "server.max_response_bytes", expects: BYTES, holds: |s| message(s.server.max_response_bytes) },
    Rule {
        key: "server.max_import_accounts",
        expects: "a whole number from 1 to 100000000",
        holds: |s| within(1..=100_000_000, s.server.max_import_accounts),
    },
    Rule {
        key: "server.max_import_bytes",
        expects: "a whole number of bytes from 1024 to 1099511627776",
        holds: |s| within(KIB..=TIB, s.server.max_import_bytes),
    },
    Rule {
        key: "server.max_dataset_versions",
        expects: "a whole number from 1 to 1000",
        holds: |s| within(1..=1000, s.server.max_dataset_versions as u64),
    },
    Rule { key: "server.drain_seconds", expects: SECONDS, holds: |s| within(1..=3600, s.server.drain_seconds) },
    Rule {
        key: "training.threads",
        expects: "a whole number from 0 (one for each core) to 1024",
        holds: |s| within(0..=1024, s.training.threads as u64),
    },
    Rule {
        key: "training.queue",
        expects: "a whole number from 1 to 10000",
        holds: |s| within(1..=10_000, s.training.queue as u64),
    },
    Rule {
        key: "training.max_memory_bytes",
        expects: "a whole number of bytes from 67108864 to 1099511627776",
        holds: |s| within(64 * MIB..=TIB, s.training.max_memory_bytes),
    },
    Rule {
        key: "log.filter",
        expects: "a filter such as info or sweetspot=debug",
        holds: |s| !s.log.filter.trim().is_empty(),
    },
    Rule { key: "log.format", expects: "text or json", holds: |_| true },
];

/// The smallest useful message, and what a client of any language will still take in one piece.
const BYTES: &str = "a whole number of bytes from 1024 to 67108864";

const SECONDS: &str = "a whole number of seconds from 1 to 3600";

fn message(bytes: usize) -> bool {
    within(KIB..=64 * MIB, bytes as u64)
}

fn within(range: RangeInclusive<u64>, value: u64) -> bool {
    range.contains(&value)
}

/// The rule of a key; none: there is no such setting.
pub(super) fn of(key: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.key == key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::keys;
    use super::*;

    #[test]
    fn every_setting_has_one_rule_and_every_rule_a_setting() {
        let settings: BTreeSet<String> = keys::flatten(&keys::built_in()).into_iter().map(|(key, _)| key).collect();
        let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.key.to_owned()).collect();
        assert_eq!(rules, settings);
        assert_eq!(rules.len(), RULES.len());
    }

    #[test]
    fn what_is_built_in_holds_to_every_rule() {
        for rule in &RULES {
            assert!((rule.holds)(&Settings::default()), "{}", rule.key);
        }
    }
}
