//! The value report and the bad-fit customers of a version.

use sweetspot_core::{DocumentSettings, ModelVersionRef};
use sweetspot_proto::v1;
use sweetspot_report::value::{BadFitCustomers, ValueReport};
use tonic::Status;

use super::ReportApi;
use crate::api::convert::document_settings::parse_document_settings;
use crate::api::convert::score_plan::DEFAULT_VERSION;
use crate::api::convert::value_report::{bad_fit_account, liability, value_report};
use crate::api::pagination::PageRequest;
use crate::api::violations::Violations;

impl ReportApi {
    /// Returns the value report of a version.
    pub(super) async fn get_value_curve(
        &self,
        request: v1::GetValueCurveRequest,
    ) -> Result<v1::GetValueCurveResponse, Status> {
        let mut problems = Violations::default();
        let v1::GetValueCurveRequest { version, weights, top_share, cohort_basis, cohort_threshold, as_of } = request;
        let name: Option<ModelVersionRef> = problems.parse_name_or("version", &version, DEFAULT_VERSION);
        let stated = v1::DocumentSettings { weights, top_share, cohort_basis, cohort_threshold, as_of };
        let settings = parse_document_settings(Some(stated), "", &mut problems);
        problems.finish(name)?;
        let document = self.build_document_with(&version, settings, |input| {
            value_report(ValueReport::new(input, &input.value_options))
        });
        Ok(v1::GetValueCurveResponse { report: Some(document.await?) })
    }

    /// Lists a page of the bad-fit customers, largest loss first.
    pub(super) async fn list_bad_fit_accounts(
        &self,
        request: v1::ListBadFitAccountsRequest,
    ) -> Result<v1::ListBadFitAccountsResponse, Status> {
        let v1::ListBadFitAccountsRequest { version, weights, page_size, page_token } = request;
        let mut problems = Violations::default();
        let name: Option<ModelVersionRef> = problems.parse_name_or("version", &version, DEFAULT_VERSION);
        let stated = v1::DocumentSettings { weights, ..v1::DocumentSettings::default() };
        let settings = parse_document_settings(Some(stated), "", &mut problems);
        let page = PageRequest::parse(
            "ListBadFitAccounts",
            &list_key(&version, &settings),
            page_size,
            &page_token,
            &mut problems,
        );
        let (_, page) = problems.finish(name.zip(page))?;
        let (version, start) = page_start(&page, &version);
        let max_bytes = self.max_response_bytes;
        self.build_document_with(&version, settings, move |input| {
            let BadFitCustomers { liability: lost, accounts } =
                BadFitCustomers::new(input, &input.value_options.assumptions);
            let shown = accounts.into_iter().enumerate().skip(start).map(|(index, found)| {
                (format!("{} {}", input.version, index + 1), bad_fit_account(found, input.currency()))
            });
            let (accounts, next_page_token) = page.fill(shown, max_bytes);
            v1::ListBadFitAccountsResponse {
                version: input.version.clone(),
                currency: input.currency().map(str::to_owned),
                liability: Some(liability(lost)),
                accounts,
                next_page_token,
            }
        })
        .await
    }
}

/// The key of the list: a token is valid only for the same stated amounts.
fn list_key(version: &str, settings: &DocumentSettings) -> String {
    format!("{version} {settings:?}")
}

/// The version of the first page, and the number of accounts already listed: an alias may have moved since.
fn page_start(page: &PageRequest, version: &str) -> (String, usize) {
    let after = page.after.as_deref().and_then(|after| after.rsplit_once(' '));
    after.map_or_else(
        || (version.to_owned(), 0),
        |(version, shown)| (version.to_owned(), shown.parse().unwrap_or(usize::MAX)),
    )
}
