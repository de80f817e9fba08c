//! Which scope each method needs.

use sweetspot_core::Scope;

/// What a method needs of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MethodAccess {
    /// Nothing: health checks.
    Open,
    /// Any valid credential: reflection, who the caller is, and methods that do not exist.
    Authenticated,
    /// A scope.
    Scope(Scope),
    /// A scope, for all workspaces.
    AllWorkspaces(Scope),
}

impl MethodAccess {
    /// Whether calls are in the audit log: those that change something, or copy the store.
    pub(crate) const fn is_audited(self) -> bool {
        match self {
            Self::Open | Self::Authenticated => false,
            Self::Scope(scope) | Self::AllWorkspaces(scope) => match scope {
                Scope::Read | Scope::Score | Scope::Explain | Scope::ReadAudit => false,
                Scope::WriteDatasets
                | Scope::Train
                | Scope::WriteDefinitions
                | Scope::Approve
                | Scope::Promote
                | Scope::OverrideChecks
                | Scope::Delete
                | Scope::Erase
                | Scope::ManageKeys
                | Scope::Maintain => true,
            },
        }
    }
}

/// Methods of services by the scope that they need.
type MethodScopes = [(&'static str, &'static [(Scope, &'static [&'static str])])];

/// The scope of each method of the API, by service.
const SCOPES: &MethodScopes = &[
    ("ScoringService", &[(Scope::Score, &["ScoreAccounts", "StreamScores"]), (Scope::Explain, &["ExplainAccounts"])]),
    (
        "ModelService",
        &[
            (
                Scope::Read,
                &[
                    "ListWorkspaces",
                    "GetModel",
                    "ListModels",
                    "GetTrainingRun",
                    "WaitTrainingRun",
                    "ListTrainingRuns",
                    "GetModelVersion",
                    "ListModelVersions",
                    "ListPromotions",
                    "GetPromotionSettings",
                    "CompareModelVersions",
                    "ExportModelVersion",
                ],
            ),
            (Scope::Train, &["TrainModel", "CancelTrainingRun", "UpdateModelVersion", "ImportModelVersion"]),
            (Scope::Promote, &["PromoteModelVersion", "RollbackModel"]),
            (Scope::OverrideChecks, &["UpdatePromotionSettings"]),
            (Scope::Delete, &["DeleteModel", "DeleteModelVersion"]),
        ],
    ),
    (
        "DatasetService",
        &[
            (Scope::Read, &["ListDatasets", "GetDataset", "ListDatasetVersions", "GetDatasetVersion"]),
            (Scope::WriteDatasets, &["ImportAccounts", "RestoreDatasetVersion"]),
            (Scope::Delete, &["DeleteDataset", "DeleteDatasetVersion"]),
            (Scope::Erase, &["EraseAccounts"]),
        ],
    ),
    (
        "DefinitionService",
        &[
            (
                Scope::Read,
                &[
                    "ListHypotheses",
                    "ListExclusionRules",
                    "ListFindings",
                    "ListComments",
                    "GetDefinition",
                    "ListDefinitionVersions",
                    "GetDefinitionVersion",
                    "DiffDefinitions",
                ],
            ),
            (
                Scope::WriteDefinitions,
                &[
                    "CreateHypothesis",
                    "UpdateHypothesis",
                    "DeleteHypothesis",
                    "CreateExclusionRule",
                    "UpdateExclusionRule",
                    "DeleteExclusionRule",
                    "CreateFinding",
                    "UpdateFinding",
                    "DeleteFinding",
                    "CreateComment",
                    "ResolveComment",
                    "DeleteComment",
                    "SubmitDefinition",
                ],
            ),
            // The settings name the approvers, and permit self-approval.
            (Scope::Approve, &["UpdateDefinition", "ApproveDefinition", "ReturnDefinition"]),
        ],
    ),
    (
        "ReportService",
        &[
            (
                Scope::Read,
                &[
                    "GetIcpSummary",
                    "GetPondMap",
                    "GetEvaluationReport",
                    "RenderReport",
                    "ListSegments",
                    "GetAccountReview",
                    "ListReviewRows",
                    "GetValueCurve",
                    "ListBadFitAccounts",
                ],
            ),
            // Ranks accounts with the reasons of their scores.
            (Scope::Explain, &["RankTargets"]),
        ],
    ),
    ("AccessService", &[(Scope::ManageKeys, &["CreateApiKey", "ListApiKeys", "RevokeApiKey", "RotateApiKey"])]),
];

/// The methods that concern all workspaces.
const OF_ALL_WORKSPACES: &MethodScopes = &[
    ("StoreService", &[(Scope::Maintain, &["GetStoreStats", "CollectGarbage", "BackupStore"])]),
    ("AccessService", &[(Scope::ReadAudit, &["ListAuditRecords", "VerifyAuditLog"])]),
];

/// Returns what a method needs. `path` is that of a gRPC call.
pub(crate) fn method_access(path: &str) -> MethodAccess {
    if path.starts_with("/grpc.health.v1.Health/") {
        return MethodAccess::Open;
    }
    let Some((service, method)) = path.strip_prefix("/sweetspot.v1.").and_then(|rest| rest.split_once('/')) else {
        return MethodAccess::Authenticated;
    };
    let find = |table: &MethodScopes| {
        let of_service = table.iter().filter(|(name, _)| *name == service).flat_map(|(_, scopes)| *scopes);
        of_service.into_iter().find(|(_, methods)| methods.contains(&method)).map(|(scope, _)| *scope)
    };
    find(SCOPES)
        .map(MethodAccess::Scope)
        .or_else(|| find(OF_ALL_WORKSPACES).map(MethodAccess::AllWorkspaces))
        .unwrap_or(MethodAccess::Authenticated)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;
    use prost_types::FileDescriptorSet;
    use sweetspot_proto::DESCRIPTORS;

    use super::*;

    /// The methods that any valid credential may call.
    const FOR_EVERY_CALLER: [&str; 1] = ["AccessService/GetCaller"];

    fn methods_of_the_api() -> BTreeSet<String> {
        let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap().file;
        let services = files.iter().filter(|file| file.package() == "sweetspot.v1").flat_map(|file| &file.service);
        let methods = services.flat_map(|service| {
            service.method.iter().map(move |method| format!("{}/{}", service.name(), method.name()))
        });
        methods.collect()
    }

    #[test]
    fn every_method_of_the_api_has_one_scope_and_the_table_has_no_other_method() {
        let mut listed = BTreeSet::from(FOR_EVERY_CALLER.map(str::to_owned));
        for (service, scopes) in SCOPES.iter().chain(OF_ALL_WORKSPACES) {
            for method in scopes.iter().flat_map(|(_, methods)| *methods) {
                assert!(listed.insert(format!("{service}/{method}")), "{service}/{method} is listed twice");
            }
        }
        assert_eq!(listed, methods_of_the_api());
    }

    #[test]
    fn methods_that_read_need_no_scope_that_writes() {
        for method in methods_of_the_api() {
            let verb =
                ["Get", "List", "Wait", "Compare", "Export", "Diff", "Render", "Rank", "Score", "Explain", "Stream"];
            let name = method.split_once('/').unwrap().1;
            let reads = verb.iter().any(|verb| name.starts_with(verb));
            let is_audited = method_access(&format!("/sweetspot.v1.{method}")).is_audited();
            let reads_for_few = method.starts_with("StoreService") || method.starts_with("AccessService");
            assert!(reads != is_audited || reads_for_few, "{method}");
        }
    }

    #[test]
    fn only_health_is_open() {
        assert_eq!(method_access("/grpc.health.v1.Health/Check"), MethodAccess::Open);
        for other in ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "", "/x", "/sweetspot.v1.X/Y"] {
            assert_eq!(method_access(other), MethodAccess::Authenticated, "{other}");
        }
    }
}
