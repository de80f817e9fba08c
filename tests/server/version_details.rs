//! The details of a version match its artifact.

use std::sync::Arc;

use prost_types::Timestamp;
use sweetspot::app::App;
use sweetspot::config::Settings;
use sweetspot_core::{Digest, SamplingWeights};
use sweetspot_model::ModelArtifact;
use sweetspot_proto::v1::{self, FitTier, LabelPreset, OutcomeKind};
use sweetspot_store::store::MemoryStore;
use tonic::Code;

use crate::support::data::{self, outcome};
use crate::support::server::{TestServer, promote, world};
use crate::support::{MODEL, assert_refused};

/// A server with two versions that were trained through the API: one by won and lost, one by value.
async fn two_versions() -> (App, TestServer) {
    let settings = Settings::default();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    let server = TestServer::serve(world.clone(), &settings).await;
    let valued = |(index, one): (usize, v1::Outcome)| v1::Outcome {
        value: Some((index * 37 % 400) as f64),
        cost_to_serve: index.is_multiple_of(2).then_some(3.0),
        currency_code: "EUR".into(),
        since: one.since,
        ..outcome(&one.account_id, OutcomeKind::Won)
    };
    let mut message = data::import_request(400);
    for (index, one) in message.outcomes.iter_mut().enumerate() {
        one.since = Some(Timestamp { seconds: i64::try_from(index).unwrap() * 86_400, nanos: 0 });
    }
    let outcomes = message.outcomes.clone().into_iter().enumerate().map(valued).collect();
    for (message, preset) in [
        (message.clone(), LabelPreset::Won),
        (v1::ImportAccountsRequest { outcomes, ..message }, LabelPreset::HighValue),
    ] {
        server.dataset().import_accounts(tokio_stream::iter([message])).await.unwrap();
        let label_policy = Some(v1::LabelPolicy { preset: preset.into(), ..Default::default() });
        // The values are derived from the row number, as are some attributes, which would count as leaks.
        let allowed_attributes = ["employees", "industry", "b2b", "stack", "founded"].map(str::to_owned).to_vec();
        let config = Some(v1::TrainingConfig { seed: 9, label_policy, allowed_attributes, ..Default::default() });
        let train = v1::TrainModelRequest { config, ..Default::default() };
        let run = server.model().train_model(train).await.unwrap().into_inner().run.unwrap();
        let run = server.wait(&run).await;
        assert!(run.error.is_none(), "{run:?}");
    }
    (world, server)
}

async fn get(server: &TestServer, name: &str) -> v1::ModelVersion {
    let request = v1::GetModelVersionRequest { name: name.to_owned() };
    server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap()
}

fn version(last: &str) -> String {
    format!("{MODEL}/versions/{last}")
}

fn artifact(world: &App, name: &str) -> ModelArtifact {
    world.registry().artifact(&name.parse().unwrap()).unwrap()
}

#[tokio::test]
async fn a_version_contains_what_its_artifact_contains() {
    let (world, server) = two_versions().await;
    for name in [version("1"), version("2")] {
        let (told, kept) = (get(&server, &name).await, artifact(&world, &name));
        let bytes = kept.to_bytes();
        assert_eq!((told.artifact_bytes, told.artifact_sha256), (bytes.len() as u64, Digest::new(&bytes).to_string()));
        assert_eq!(told.schema_sha256, kept.schema_digest().to_string());
        assert_eq!((told.data_sha256.as_str(), told.seed), (kept.data_sha256(), 9));
        assert_eq!(told.trainer_version, kept.trainer_version());
        assert_eq!(told.warnings, kept.warnings());
        let (one, other) = (told.evaluation.unwrap(), kept.evaluation());
        assert_eq!((one.rows, one.positives, one.verdict), (other.rows, other.positives, other.verdict()));
        assert_eq!(one.value_captured_at_top_quintile, other.value_captured_at_top_quintile);
        let numbers = [one.auc, one.auc_low, one.auc_high, one.log_loss, one.brier, one.calibration_error];
        let kept_numbers =
            [other.auc, other.auc_low, other.auc_high, other.log_loss, other.brier, other.calibration_error];
        assert_eq!(numbers.map(f64::to_bits), kept_numbers.map(f64::to_bits));
        assert_eq!(one.lift_at_top_decile.to_bits(), other.lift_at_top_decile.to_bits());
        let (one, other) = (told.label_card.unwrap(), kept.label_card());
        assert_eq!((one.ideal, one.not_ideal, one.excluded), (other.ideal, other.not_ideal, other.excluded));
        assert_eq!((one.policy, one.rule, one.notes), (other.policy, other.rule, other.notes));
        assert_eq!(
            (one.value_threshold, one.currency_code),
            (other.value_threshold, other.currency.unwrap_or_default())
        );
        let summary = |one: &v1::AttributeSummary| {
            let numbers = [one.missing_share, one.spread, one.effective_parameters].map(f64::to_bits);
            (one.attribute.clone(), one.kind.clone(), one.slots, numbers)
        };
        let told: Vec<_> = told.attributes.iter().map(summary).collect();
        let kept = kept.attributes().into_iter().map(|one| {
            let numbers = [one.missing_share, one.spread, one.effective_parameters].map(f64::to_bits);
            (one.attribute, one.kind.to_owned(), one.slots, numbers)
        });
        assert_eq!(told, kept.collect::<Vec<_>>());
    }
    let card = get(&server, &version("2")).await.label_card.unwrap();
    assert_eq!((card.policy.as_str(), card.currency_code.as_str(), card.excluded), ("high_value", "EUR", 0));
    assert!(card.value_threshold.is_some() && card.notes.iter().any(|note| note.contains("200 of 400")), "{card:?}");
}

#[tokio::test]
async fn a_version_contains_its_evaluation_in_detail() {
    let (world, server) = two_versions().await;
    for name in [version("1"), version("2")] {
        let told = get(&server, &name).await.evaluation.unwrap();
        let kept = artifact(&world, &name).evaluation_details();
        let newest = kept.temporal_holdout.map(|kept| v1::NewestEvaluation {
            from_date: kept.first_day.to_string(),
            rows: kept.rows,
            positives: kept.positives,
            auc: kept.auc,
            auc_low: kept.auc_low,
            auc_high: kept.auc_high,
            log_loss: kept.log_loss,
            calibration_error: kept.calibration_error,
        });
        assert_eq!(told.newest, newest);
        let rate = told.positives as f64 / told.rows as f64;
        assert_eq!((told.deciles.len(), told.tiers.len()), (10, 4));
        for (told, kept) in told.deciles.iter().zip(&kept.deciles) {
            assert_eq!((told.customers, told.ideal), (kept.customers, kept.ideal));
            assert_eq!(
                (told.mean_probability, told.ideal_rate),
                (kept.mean_probability, kept.ideal_rate(SamplingWeights::EVEN))
            );
            assert!((told.lift - told.ideal_rate / rate).abs() < 1e-12);
        }
        for ((told, kept), tier) in
            told.tiers.iter().zip(&kept.tiers).zip([FitTier::A, FitTier::B, FitTier::C, FitTier::D])
        {
            assert_eq!((told.tier(), told.customers, told.ideal), (tier, kept.customers, kept.ideal));
            assert_eq!((told.precision, told.recall), (kept.precision, kept.recall));
            assert_eq!(
                (told.precision_so_far, told.recall_so_far),
                (kept.cumulative_precision, kept.cumulative_recall)
            );
        }
        let last = told.tiers.last().unwrap();
        assert_eq!((last.precision_so_far, last.recall_so_far), (Some(rate), Some(1.0)));
        assert!((told.deciles[0].lift - told.lift_at_top_decile).abs() < 1e-12);
    }
    let newest = get(&server, &version("1")).await.evaluation.unwrap().newest.unwrap();
    assert_eq!((newest.from_date.as_str(), newest.rows), ("1970-11-17", 80));
    let too_few = get(&server, &version("2")).await.evaluation.unwrap().newest;
    assert_eq!(too_few, None, "fewer than 20 of the newest are of high value");
}

#[tokio::test]
async fn a_list_of_versions_omits_long_fields() {
    let (_, server) = two_versions().await;
    let list = v1::ListModelVersionsRequest::default();
    let listed = server.model().list_model_versions(list).await.unwrap().into_inner().versions;
    assert_eq!(listed.len(), 2);
    for one in listed {
        let whole = get(&server, &one.name).await;
        let headline = v1::Evaluation {
            newest: None,
            deciles: vec![],
            tiers: vec![],
            leave_values_out: None,
            ..whole.evaluation.clone().unwrap()
        };
        let evaluation = Some(headline);
        let short = v1::ModelVersion {
            evaluation,
            label_card: None,
            attributes: vec![],
            warnings: vec![],
            pairs: vec![],
            segments: vec![],
            segment_note: String::new(),
            values: None,
            ..whole
        };
        assert_eq!(one, short);
    }
}

#[tokio::test]
async fn an_export_is_the_artifact_s_scorecard_with_its_digest() {
    let (world, server) = two_versions().await;
    for name in [version("1"), version("2"), version("candidate")] {
        let request = v1::ExportModelVersionRequest { name: name.clone(), format: 1, ..Default::default() };
        let export = server.model().export_model_version(request).await.unwrap().into_inner();
        assert_eq!(export.content, artifact(&world, &export.resolved_version).to_json().into_bytes());
        assert_eq!(export.content_sha256, Digest::new(&export.content).to_string());
        assert_eq!(export.resolved_version, get(&server, &name).await.name);
    }
}

#[tokio::test]
async fn a_version_is_exported_as_sql_in_parts() {
    let (_world, server) = two_versions().await;
    let request = v1::ExportModelVersionRequest {
        name: version("2"),
        format: v1::ExportFormat::Sql.into(),
        sql_dialect: v1::SqlDialect::Duckdb.into(),
        table: "crm.new prospects".to_owned(),
        id_column: "id".to_owned(),
        ..Default::default()
    };
    let export = async |request: v1::ExportModelVersionRequest| {
        server.model().export_model_version(request).await.map(tonic::Response::into_inner)
    };
    let whole = export(request.clone()).await.unwrap();
    let sql = String::from_utf8(whole.content.clone()).unwrap();
    let told = get(&server, &version("2")).await;
    assert_eq!((whole.media_type.as_str(), &whole.resolved_version), ("application/sql", &told.name));
    assert!(
        sql.starts_with(&format!("-- Sweetspot model version {}\n-- SHA-256 {}\n", told.name, told.artifact_sha256))
    );
    assert!(sql.contains("FROM \"crm\".\"new prospects\"") && sql.contains("CAST(\"id\" AS VARCHAR) AS account_id"));
    for attribute in &told.attributes {
        assert!(
            sql.contains(&format!("\n-- {} ({})\n", attribute.attribute, attribute.kind)),
            "{}",
            attribute.attribute
        );
    }
    let mut content = Vec::new();
    while content.len() < sql.len() {
        let part = export(v1::ExportModelVersionRequest {
            offset: content.len() as u64,
            part_bytes: 1 + sql.len() as u64 / 3,
            ..request.clone()
        });
        let part = part.await.unwrap();
        assert_eq!(part.content_sha256, whole.content_sha256);
        content.extend(part.content);
    }
    assert_eq!(content, whole.content);
    let short = v1::ExportModelVersionRequest { omit_intervals: true, omit_reasons: true, ..request.clone() };
    let short = String::from_utf8(export(short).await.unwrap().content).unwrap();
    assert!(short.len() < sql.len() / 2 && !short.contains("AS low") && !short.contains("reason_1"));
    let name = version("1");
    let plain = v1::ExportModelVersionRequest { name, format: v1::ExportFormat::Sql.into(), ..Default::default() };
    let plain = String::from_utf8(export(plain).await.unwrap().content).unwrap();
    assert!(
        plain.contains("-- Dialect: ansi.") && plain.contains("FROM \"prospects\"") && plain.contains("\"account_id\"")
    );
    let graph = v1::ExportModelVersionRequest { format: v1::ExportFormat::Onnx.into(), ..request.clone() };
    let graph = export(graph).await.unwrap();
    assert_eq!(graph.media_type, "application/octet-stream");
    let contains = |text: &str| graph.content.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(contains("log_odds") && contains(&told.artifact_sha256) && contains(&told.name));
    let unknown = v1::ExportModelVersionRequest { sql_dialect: 99, ..request.clone() };
    assert_refused(export(unknown).await, Code::InvalidArgument, "UNKNOWN_ENUM_VALUE");
    let table = "a.b.c.d".to_owned();
    let deep = v1::ExportModelVersionRequest { table, ..request };
    assert_refused(export(deep).await, Code::InvalidArgument, "INVALID_NAME");
}

#[tokio::test]
async fn every_name_of_a_version_is_resolved() {
    let (world, server) = two_versions().await;
    let mut client = server.model();
    let mut ask = async |name: String| client.get_model_version(v1::GetModelVersionRequest { name }).await;
    for name in [String::new(), version("live")] {
        assert_refused(ask(name).await, Code::FailedPrecondition, "NO_LIVE_VERSION");
    }
    assert_refused(ask(version("previous")).await, Code::NotFound, "VERSION_NOT_FOUND");
    promote(&world, 1);
    assert_eq!(get(&server, "").await.aliases, ["live"]);
    promote(&world, 2);
    for (name, number) in [("live", 2), ("candidate", 2), ("previous", 1), ("1", 1), ("2", 2)] {
        assert_eq!(get(&server, &version(name)).await.name, version(&number.to_string()), "{name}");
    }
    assert_eq!(get(&server, "").await.name, version("2"));
    for name in ["3", &u64::MAX.to_string()] {
        assert_refused(ask(version(name)).await, Code::NotFound, "VERSION_NOT_FOUND");
    }
    for name in ["0", "-1", "01", "1.0", "", "Live", "1/x", "99999999999999999999"] {
        assert_refused(ask(version(name)).await, Code::InvalidArgument, "INVALID_NAME");
    }
}
