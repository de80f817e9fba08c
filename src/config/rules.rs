//! The rule of each setting. A limit of zero is an error, never "no limit".

use std::ops::RangeInclusive;

use super::settings::Settings;

/// The rule of one setting.
pub(super) struct SettingRule {
    /// The dotted key.
    pub(super) key: &'static str,
    /// The description of a valid value, which completes the sentence "it must be …".
    pub(super) expects: &'static str,
    /// Whether the settings, in which this one may differ from the default, follow the rule.
    pub(super) is_met: fn(&Settings) -> bool,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;

/// The rules of all settings.
pub(super) const RULES: [SettingRule; 29] = [
    SettingRule { key: "store", expects: "the path of a folder", is_met: |s| !s.store.as_os_str().is_empty() },
    SettingRule { key: "server.listen", expects: "an address and a port, such as 127.0.0.1:50051", is_met: |_| true },
    SettingRule { key: "server.allow_remote", expects: "true or false", is_met: |_| true },
    SettingRule {
        key: "server.http_listen",
        expects: "an address and a port, such as 127.0.0.1:8080",
        is_met: |_| true,
    },
    SettingRule {
        key: "server.http_max_connections",
        expects: "a whole number from 1 to 10000",
        is_met: |s| in_range(1..=10_000, s.server.http_max_connections as u64),
    },
    SettingRule { key: "server.reflection", expects: "true or false", is_met: |_| true },
    SettingRule {
        key: "server.workers",
        expects: "a whole number from 0 (one for each core) to 1024",
        is_met: |s| in_range(0..=1024, s.server.workers as u64),
    },
    SettingRule {
        key: "server.metrics_listen",
        expects: "an address and a port, such as 127.0.0.1:9464",
        is_met: |_| true,
    },
    SettingRule {
        key: "server.max_connections",
        expects: "a whole number from 1 to 100000",
        is_met: |s| in_range(1..=100_000, s.server.max_connections as u64),
    },
    SettingRule {
        key: "server.handshake_seconds",
        expects: EXPECTED_SECONDS,
        is_met: |s| in_range(1..=3600, s.server.handshake_seconds),
    },
    SettingRule {
        key: "server.max_connection_age_seconds",
        expects: "a whole number of seconds from 10 to 86400",
        is_met: |s| in_range(10..=86_400, s.server.max_connection_age_seconds),
    },
    SettingRule {
        key: "server.connection_grace_seconds",
        expects: EXPECTED_SECONDS,
        is_met: |s| in_range(1..=3600, s.server.connection_grace_seconds),
    },
    SettingRule {
        key: "server.max_buffered_bytes",
        expects: "a whole number of bytes from 67108864 to 1099511627776",
        is_met: |s| in_range(64 * MIB..=TIB, s.server.max_buffered_bytes as u64),
    },
    SettingRule {
        key: "server.body_timeout_seconds",
        expects: EXPECTED_SECONDS,
        is_met: |s| in_range(1..=3600, s.server.body_timeout_seconds),
    },
    SettingRule {
        key: "server.max_queue_ms",
        expects: "a whole number of milliseconds from 1 to 60000",
        is_met: |s| in_range(1..=60_000, s.server.max_queue_ms),
    },
    SettingRule {
        key: "server.max_concurrent_calls",
        expects: "a whole number from 1 to 100000",
        is_met: |s| in_range(1..=100_000, s.server.max_concurrent_calls as u64),
    },
    SettingRule {
        key: "server.max_concurrent_streams",
        expects: "a whole number from 1 to 10000",
        is_met: |s| in_range(1..=10_000, u64::from(s.server.max_concurrent_streams)),
    },
    SettingRule {
        key: "server.max_score_streams",
        expects: "a whole number from 1 to 10000",
        is_met: |s| in_range(1..=10_000, s.server.max_score_streams as u64),
    },
    SettingRule {
        key: "server.max_request_bytes",
        expects: EXPECTED_BYTES,
        is_met: |s| is_message_size(s.server.max_request_bytes),
    },
    SettingRule {
        key: "server.max_response_bytes",
        expects: EXPECTED_BYTES,
        is_met: |s| is_message_size(s.server.max_response_bytes),
    },
    SettingRule {
        key: "server.max_import_accounts",
        expects: "a whole number from 1 to 100000000",
        is_met: |s| in_range(1..=100_000_000, s.server.max_import_accounts),
    },
    SettingRule {
        key: "server.max_import_bytes",
        expects: "a whole number of bytes from 1024 to 1099511627776",
        is_met: |s| in_range(KIB..=TIB, s.server.max_import_bytes),
    },
    SettingRule {
        key: "server.max_dataset_versions",
        expects: "a whole number from 1 to 1000",
        is_met: |s| in_range(1..=1000, s.server.max_dataset_versions as u64),
    },
    SettingRule {
        key: "server.drain_seconds",
        expects: EXPECTED_SECONDS,
        is_met: |s| in_range(1..=3600, s.server.drain_seconds),
    },
    SettingRule {
        key: "training.threads",
        expects: "a whole number from 0 (one for each core) to 1024",
        is_met: |s| in_range(0..=1024, s.training.threads as u64),
    },
    SettingRule {
        key: "training.queue",
        expects: "a whole number from 1 to 10000",
        is_met: |s| in_range(1..=10_000, s.training.queue as u64),
    },
    SettingRule {
        key: "training.max_memory_bytes",
        expects: "a whole number of bytes from 67108864 to 1099511627776",
        is_met: |s| in_range(64 * MIB..=TIB, s.training.max_memory_bytes),
    },
    SettingRule {
        key: "log.filter",
        expects: "a filter such as info or sweetspot=debug",
        is_met: |s| !s.log.filter.trim().is_empty(),
    },
    SettingRule { key: "log.format", expects: "text or json", is_met: |_| true },
];

/// From the smallest useful message to the largest one that a client in any language accepts.
const EXPECTED_BYTES: &str = "a whole number of bytes from 1024 to 67108864";

const EXPECTED_SECONDS: &str = "a whole number of seconds from 1 to 3600";

fn is_message_size(bytes: usize) -> bool {
    in_range(KIB..=64 * MIB, bytes as u64)
}

fn in_range(range: RangeInclusive<u64>, value: u64) -> bool {
    range.contains(&value)
}

/// Returns the rule of a key, or `None` if there is no such setting.
pub(super) fn find(key: &str) -> Option<&'static SettingRule> {
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
    fn built_in_settings_meet_every_rule() {
        for rule in &RULES {
            assert!((rule.is_met)(&Settings::default()), "{}", rule.key);
        }
    }
}
