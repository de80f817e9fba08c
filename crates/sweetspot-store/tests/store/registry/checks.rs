//! Tests of promotion checks against the live version.

use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, LabelPolicy, LabelPreset, ModelVersionRef, Outcome, OutcomeStatus,
};
use sweetspot_model::{ModelArtifact, NoProgress, TrainingSpec, train};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::datasets::Datasets;
use sweetspot_store::registry::{
    CheckOverride, CheckResult, CheckStatus, PROMOTION_CHECKS, PromoteRequest, PromotionKind, Registry, RegistryError,
    SetThresholdsRequest, TierCutsChoice,
};
use sweetspot_store::store::{MemoryStore, RequestKey};

use crate::registry::support::*;

/// Parameters of generated training data.
#[derive(Clone)]
struct Extract {
    ids: std::ops::Range<u32>,
    /// The second attribute is known for one in this many customers.
    second_of: u32,
    /// Whether the first attribute is replaced by a number that is unrelated to the outcome.
    scrambled: bool,
    /// One in this many customers is won regardless of its attributes; 0: none.
    also_won: u32,
    spec: TrainingSpec,
}

impl Default for Extract {
    fn default() -> Self {
        let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
        Self {
            ids: 0..600,
            second_of: 1,
            scrambled: false,
            also_won: 0,
            spec: TrainingSpec { label_policy, ..TrainingSpec::default() },
        }
    }
}

/// A pseudo-random number from 0 to 99 (`SplitMix64`, Steele, Lea and Flood 2014).
fn random_draw(row: u32, salt: u32) -> u32 {
    let mut mixed = (u64::from(row) << 8 | u64::from(salt)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ mixed >> 31) % 100) as u32
}

impl Extract {
    fn customers(&self) -> Customers {
        let rows = || self.ids.clone();
        let won = |row: u32| {
            let chance = random_draw(row, 1) / 2 + random_draw(row, 2) / 2;
            random_draw(row, 3) < chance || (self.also_won > 0 && row.is_multiple_of(self.also_won))
        };
        let salt = if self.scrambled { 4 } else { 1 };
        let first = rows().map(|row| Some(f64::from(random_draw(row, salt)))).collect();
        let second = rows().map(|row| (row % self.second_of == 0).then(|| f64::from(random_draw(row, 2)))).collect();
        let column = |name: &str, values| Column { name: name.to_owned(), data: ColumnData::Numbers(values) };
        let ids = rows().map(|row| format!("account {row}")).collect();
        let outcome = |row| Outcome {
            status: Some(if won(row) { OutcomeStatus::Won } else { OutcomeStatus::Lost }),
            ..Outcome::default()
        };
        let accounts = AccountTable::new(ids, vec![column("first", first), column("second", second)]).unwrap();
        Customers::new(accounts, rows().map(outcome).collect(), None).unwrap()
    }
}

/// A registry with the datasets that its versions are trained on.
struct RegistryFixture {
    registry: Registry,
    datasets: Datasets,
    versions: u64,
}

impl RegistryFixture {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
        Self { registry: open(Arc::clone(&store) as _), datasets: Datasets::new(store, clock), versions: 0 }
    }

    /// A registry with a live version trained on this extract.
    fn live(extract: &Extract) -> Self {
        let mut world = Self::new();
        world.train(extract);
        promote(&world.registry, 1);
        world
    }

    fn train(&mut self, extract: &Extract) -> u64 {
        let customers = extract.customers();
        let name = "workspaces/w/datasets/d".parse().unwrap();
        let record = self.datasets.replace(&name, &customers, &request("")).unwrap();
        let artifact = train(&extract.spec, &customers, record.data, &NoProgress).unwrap();
        self.publish(&artifact)
    }

    fn publish(&mut self, artifact: &ModelArtifact) -> u64 {
        self.versions += 1;
        self.registry.publish(&run(&format!("r{}", self.versions)), artifact).unwrap();
        self.versions
    }

    fn results(&self, number: u64) -> Vec<CheckResult> {
        self.registry.promotion_checks(&ModelVersionRef::Number(version(number))).unwrap()
    }

    fn result(&self, number: u64, check: &str) -> CheckResult {
        self.results(number).into_iter().find(|result| result.check == check).unwrap()
    }

    /// Returns the checks that a version fails, and asserts that the live version is unchanged.
    fn failed_checks(&self, number: u64) -> Vec<&'static str> {
        let before = (live_number(&self.registry), etag(&self.registry));
        let error = self.registry.promote(&promotion(number, before.1.clone())).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "PROMOTION_CHECK_FAILED"));
        assert_eq!((live_number(&self.registry), etag(&self.registry)), before, "a refusal changes nothing");
        let RegistryError::ChecksFailed { failed, .. } = error else { unreachable!("the reason was checked") };
        failed.into_iter().map(|failed| failed.check).collect()
    }

    fn set(&self, name: &str, value: f64) {
        let wish = SetThresholdsRequest {
            model: model_name(),
            etag: etag(&self.registry),
            new_values: [(name.to_owned(), value)].into(),
            reset_names: Vec::new(),
            reason: String::new(),
            actor: "ann".to_owned(),
            request: request(""),
        };
        self.registry.set_thresholds(&wish).unwrap();
    }
}

fn failed(results: &[CheckResult]) -> Vec<&'static str> {
    results.iter().filter(|result| result.status == CheckStatus::Failed).map(|result| result.check).collect()
}

#[test]
fn a_first_version_is_compared_with_nothing() {
    let mut world = RegistryFixture::new();
    let first = world.train(&Extract::default());
    let results = world.results(first);
    assert_eq!(results.len(), PROMOTION_CHECKS.len());
    let alone = ["signal", "min_auc", "calibration"];
    for result in &results {
        if result.check == "leave_values_out" {
            // Whether generated values recur is random, but the check must not fail.
            assert_ne!(result.status, CheckStatus::Failed, "{result:?}");
            continue;
        }
        let expected = if alone.contains(&result.check) { CheckStatus::Passed } else { CheckStatus::NotApplicable };
        assert_eq!(result.status, expected, "{result:?}");
    }
    let record = world.registry.promote(&promotion(first, etag(&world.registry))).unwrap();
    assert_eq!((record.kind, record.overrides), (PromotionKind::Promoted, vec![]));
}

#[test]
fn the_same_customers_again_and_other_customers_of_the_same_sort_pass() {
    let mut world = RegistryFixture::live(&Extract::default());
    let again = world.train(&Extract::default());
    let seeded = Extract { spec: TrainingSpec { seed: 9, ..Extract::default().spec }, ..Extract::default() };
    let seeded = world.train(&seeded);
    let grown = world.train(&Extract { ids: 0..900, ..Extract::default() });
    for number in [again, seeded, grown, 1] {
        assert_eq!(failed(&world.results(number)), [""; 0], "{:#?}", world.results(number));
    }
    promote(&world.registry, grown);
}

#[test]
fn a_worse_version_is_refused_with_both_figures_and_their_interval_and_its_checks_are_overridden_one_by_one() {
    let mut world = RegistryFixture::live(&Extract::default());
    let worse = world.train(&Extract { scrambled: true, ..Extract::default() });
    let drop = world.result(worse, "auc_drop");
    assert_eq!(drop.status, CheckStatus::Failed);
    let words: Vec<&str> = drop.detail.split(' ').collect();
    let ["AUC", challenger, "against", champion, ..] = words[..] else { panic!("{}", drop.detail) };
    for (number, figure) in [(2, challenger), (1, champion)] {
        let claimed = world.registry.artifact(&ModelVersionRef::Number(version(number))).unwrap().evaluation().auc;
        assert_eq!(figure, format!("{claimed:.3}"), "{}", drop.detail);
    }
    assert!(drop.detail.contains(" of live version 1, on the same 600 customers, out of fold: -0."), "{}", drop.detail);
    assert!(
        drop.detail.contains("(95% interval -0.") && drop.detail.ends_with("a drop beyond max_auc_drop 0"),
        "{}",
        drop.detail
    );
    assert_eq!(world.failed_checks(worse), ["auc_drop", "log_loss_rise"]);

    let one = PromoteRequest { overrides: vec![overriding("auc_drop")], ..promotion(worse, etag(&world.registry)) };
    let error = world.registry.promote(&one).unwrap_err().to_string();
    assert!(error.contains("promotion check log_loss_rise failed: ") && !error.contains("auc_drop"), "{error}");
    let own = CheckOverride { check: "log_loss_rise".to_owned(), reason: "known".to_owned() };
    let idle = overriding("missing_values");
    let both = PromoteRequest { overrides: vec![overriding("auc_drop"), own.clone(), idle], ..one };
    let record = world.registry.promote(&both).unwrap();
    let first = CheckOverride { check: "auc_drop".to_owned(), reason: "it is better".to_owned() };
    assert_eq!(record.overrides, [first, own], "only the needed overrides");

    let history = world.registry.promotions(&model_name(), None, 9).unwrap();
    let kinds: Vec<_> =
        history.iter().map(|(_, record)| (record.kind, record.failed.len(), record.to_version)).collect();
    let refused = PromotionKind::Refused;
    assert_eq!(
        kinds,
        [(PromotionKind::Promoted, 0, 2), (refused, 1, 2), (refused, 2, 2), (PromotionKind::Promoted, 0, 1)]
    );
    assert_eq!(history[0].1, record);
    assert_eq!((history[1].1.actor.as_str(), history[1].1.from_version), ("ann", Some(1)));
}

#[test]
fn a_drop_within_the_models_own_threshold_passes() {
    let mut world = RegistryFixture::live(&Extract::default());
    let worse = world.train(&Extract { scrambled: true, ..Extract::default() });
    world.set("max_auc_drop", 0.5);
    world.set("max_log_loss_rise", 1.0);
    assert_eq!(failed(&world.results(worse)), [""; 0]);
    assert_eq!(world.result(worse, "auc_drop").threshold, Some(0.5));
    world.set("min_auc", 0.99);
    assert_eq!(world.failed_checks(worse), ["min_auc"]);
    world.set("min_auc_low", 0.99);
    assert_eq!(world.failed_checks(worse), ["signal", "min_auc"]);
}

#[test]
fn a_lost_attribute_is_refused_by_name_unless_the_live_version_does_not_use_it() {
    let mut world = RegistryFixture::live(&Extract::default());
    let spec = TrainingSpec { excluded_attributes: vec!["second".to_owned()], ..Extract::default().spec };
    let lost = world.train(&Extract { spec, ..Extract::default() });
    let result = world.result(lost, "lost_attributes");
    assert_eq!(result.status, CheckStatus::Failed);
    assert!(
        result.detail.starts_with("live version 1 uses \"second\", which this version does not have"),
        "{}",
        result.detail
    );
    assert!(world.failed_checks(lost).contains(&"lost_attributes"));
    world.set("max_lost_spread", 50.0);
    assert_eq!(world.result(lost, "lost_attributes").status, CheckStatus::Passed);
}

#[test]
fn an_emptied_column_is_lost_and_a_half_emptied_one_misses_more_values() {
    let mut world = RegistryFixture::live(&Extract::default());
    let emptied = world.train(&Extract { second_of: 10_000, ids: 1..600, ..Extract::default() });
    assert!(world.failed_checks(emptied).contains(&"lost_attributes"));
    let half = world.train(&Extract { second_of: 2, ..Extract::default() });
    let result = world.result(half, "missing_values");
    assert_eq!(result.status, CheckStatus::Failed);
    assert!(
        result.detail.starts_with("\"second\" is missing for 50.0% of the customers against 0.0% in live version 1"),
        "{}",
        result.detail
    );
    world.set("max_missing_change", 0.6);
    assert_eq!(world.result(half, "missing_values").status, CheckStatus::Passed);
}

#[test]
fn a_label_whose_rate_or_rule_changed_is_refused() {
    let mut world = RegistryFixture::live(&Extract::default());
    let often = world.train(&Extract { also_won: 2, ..Extract::default() });
    let result = world.result(often, "label_rate");
    assert_eq!(result.status, CheckStatus::Failed, "{}", result.detail);
    assert!(result.detail.contains(" in live version 1 (95% interval of the difference +0."), "{}", result.detail);
    assert!(world.failed_checks(often).contains(&"label_rate"));
    world.set("max_label_rate_change", 5.0);
    assert_eq!(world.result(often, "label_rate").status, CheckStatus::Passed);
    world.set("max_label_rate_change", 0.25);
    let policy = LabelPolicy { preset: LabelPreset::Won, base_rate: Some(0.03), ..LabelPolicy::default() };
    let resampled = TrainingSpec { label_policy: policy, ..TrainingSpec::default() };
    let rare = world.train(&Extract { spec: resampled, ..Extract::default() });
    let result = world.result(rare, "label_rate");
    assert_eq!(result.status, CheckStatus::Failed, "{}", result.detail);
    assert!(result.detail.starts_with("3.0% of all accounts by base_rate are ideal against "), "{}", result.detail);
    assert_eq!(world.result(rare, "label_rule").status, CheckStatus::Passed, "the rule is unchanged");
    let label_policy = LabelPolicy { preset: LabelPreset::Ideal, ..LabelPolicy::default() };
    let other =
        world.train(&Extract { spec: TrainingSpec { label_policy, ..TrainingSpec::default() }, ..Extract::default() });
    let result = world.result(other, "label_rule");
    assert!(result.detail.contains("policy ideal against policy won in live version 1"), "{}", result.detail);
    assert_eq!(world.failed_checks(other), ["label_rule"], "label_rate is not applicable");
}

#[test]
fn customers_that_the_live_version_never_saw_are_scored_by_it_and_those_it_learned_from_are_not() {
    let mut world = RegistryFixture::live(&Extract { ids: 0..600, ..Extract::default() });
    let newer = world.train(&Extract { ids: 300..900, ..Extract::default() });
    let detail = world.result(newer, "auc_drop").detail;
    assert!(
        detail.contains("on the same 600 customers, out of fold or (300) never seen by the live version"),
        "{detail}"
    );
    let only_new = world.train(&Extract { ids: 600..1200, ..Extract::default() });
    let detail = world.result(only_new, "auc_drop").detail;
    assert!(detail.contains("on the same 600 customers, out of fold or (600) never seen"), "{detail}");
}

#[test]
fn without_common_customers_the_separate_evaluations_are_compared() {
    let mut world = RegistryFixture::new();
    // The training data is not stored, so the customers that the live version has seen are unknown.
    let apart = |ids| {
        let extract = Extract { ids, ..Extract::default() };
        let nowhere = sweetspot_core::Digest::new(b"nowhere");
        train(&extract.spec, &extract.customers(), nowhere, &NoProgress).unwrap()
    };
    let first = apart(0..2400);
    world.publish(&first);
    promote(&world.registry, 1);
    let nowhere = sweetspot_core::Digest::new(b"elsewhere");
    let extract = Extract { ids: 2400..4800, scrambled: true, ..Extract::default() };
    let worse = train(&extract.spec, &extract.customers(), nowhere, &NoProgress).unwrap();
    let worse = world.publish(&worse);
    let result = world.result(worse, "auc_drop");
    assert!(
        result.detail.contains("each in its own evaluation, because fewer than 20 customers of either label"),
        "{}",
        result.detail
    );
    assert_eq!(result.status, CheckStatus::Failed, "{}", result.detail);
    let good = world.publish(&apart(4800..7200));
    assert_eq!(failed(&world.results(good)), [""; 0]);
}

#[test]
fn thresholds_need_the_etag_are_kept_and_can_be_taken_back() {
    let store = Arc::new(MemoryStore::new());
    let registry = open(Arc::clone(&store) as _);
    assert_eq!(registry.thresholds(&model_name()).unwrap_err().reason(), "MODEL_NOT_FOUND");
    publish(&registry, 1);
    let wish = |etag: String, id: &str| SetThresholdsRequest {
        model: model_name(),
        etag,
        new_values: [("max_auc_drop".to_owned(), 0.01)].into(),
        reset_names: vec!["min_auc".to_owned()],
        reason: "small steps".to_owned(),
        actor: "ann".to_owned(),
        request: request(id),
    };
    assert_eq!(registry.set_thresholds(&wish(String::new(), "")).unwrap_err().reason(), "ETAG_MISSING");
    let before = etag(&registry);
    let first = wish(before.clone(), "id");
    let record = registry.set_thresholds(&first).unwrap();
    assert_ne!(record.etag, before, "the etag changes");
    assert_eq!(registry.set_thresholds(&first).unwrap(), record, "a repeated request");
    assert_eq!(registry.set_thresholds(&wish(before, "")).unwrap_err().reason(), "STALE_ETAG");
    let unknown = SetThresholdsRequest { reset_names: vec!["age".to_owned()], ..wish(record.etag.clone(), "") };
    let error = registry.set_thresholds(&unknown).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "INVALID_THRESHOLD"));
    assert_eq!(open(store).thresholds(&model_name()).unwrap(), record);
    let back = SetThresholdsRequest {
        new_values: [].into(),
        reset_names: vec!["max_auc_drop".to_owned()],
        ..wish(record.etag, "")
    };
    assert!(registry.set_thresholds(&back).unwrap().values.is_empty());
}

#[test]
fn tiers_are_kept_or_reset_as_asked_and_come_back_with_a_roll_back() {
    let store = Arc::new(MemoryStore::new());
    let registry = open(Arc::clone(&store) as _);
    publish(&registry, 3);
    let cuts = |registry: &Registry, number| {
        let named = ModelVersionRef::Number(version(number));
        let scorer = registry.resolve(&named).unwrap().scorer.tier_cuts();
        assert_eq!(registry.artifact(&named).unwrap().tier_cuts(), Some(scorer));
        assert_eq!(registry.version(&named).unwrap().tier_cuts_override.unwrap_or(scorer), scorer);
        scorer
    };
    let own = [1, 2, 3].map(|number| cuts(&registry, number));
    assert!(own[0] != own[1] && own[1] != own[2]);
    let keep = |number| PromoteRequest { tiers: TierCutsChoice::Keep, ..promotion(number, etag(&registry)) };
    assert!(matches!(registry.promote(&keep(1)), Err(RegistryError::NoLiveVersion { .. })));
    assert_eq!(promote(&registry, 1).tiers_kept, Some(false));
    assert_eq!(registry.promote(&keep(2)).unwrap().tiers_kept, Some(true));
    assert_eq!(registry.promote(&keep(3)).unwrap().tiers_kept, Some(true));
    for registry in [&registry, &open(Arc::clone(&store) as _)] {
        assert_eq!([1, 2, 3].map(|number| cuts(registry, number)), [own[0]; 3]);
        assert_eq!(registry.live(&model_name()).unwrap().scorer.tier_cuts(), own[0]);
    }
    let tiers = registry.artifact(&ModelVersionRef::Number(version(3))).unwrap().evaluation_details().tiers;
    let evaluated = model_with_signal(2).evaluation();
    assert_eq!(tiers.iter().map(|tier| tier.customers).sum::<u64>(), evaluated.rows);
    assert_eq!(tiers.iter().map(|tier| tier.ideal).sum::<u64>(), evaluated.positives);
    assert_eq!(promote(&registry, 3).tiers_kept, Some(false));
    assert_eq!(registry.live(&model_name()).unwrap().scorer.tier_cuts(), own[2]);
    assert_eq!(roll_back(&registry, sweetspot_core::ModelVersionAlias::Live).unwrap().to_version, 2);
    assert_eq!(registry.live(&model_name()).unwrap().scorer.tier_cuts(), own[0], "the cuts are unchanged");
}

#[test]
fn a_repeated_promotion_tells_the_overrides_of_the_first() {
    let registry = in_memory();
    registry.publish(&run("r"), model_without_signal()).unwrap();
    let request = RequestKey { ..request("id") };
    let wish = PromoteRequest { overrides: vec![overriding("signal")], request, ..promotion(1, etag(&registry)) };
    let first = registry.promote(&wish).unwrap();
    assert_eq!(registry.promote(&wish).unwrap(), first);
    assert_eq!(first.overrides.len(), 1);
}
