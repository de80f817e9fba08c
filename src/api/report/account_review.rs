//! `GetAccountReview` and `ListReviewRows`: the questions about the customers until now and their answers, and the
//! table of the customers.

use sweetspot_proto::v1;
use sweetspot_report::review::{AccountReview, HEADINGS, ReviewTable};
use tonic::Status;

use super::ReportApi;
use crate::api::convert::account_review;
use crate::api::convert::score_plan::DEFAULT_VERSION;
use crate::api::pagination::PageRequest;
use crate::api::violations::Violations;

const METHOD: &str = "ListReviewRows";

impl ReportApi {
    /// Returns the account review of a version.
    pub(super) async fn get_account_review(
        &self,
        request: v1::GetAccountReviewRequest,
    ) -> Result<v1::GetAccountReviewResponse, Status> {
        let v1::GetAccountReviewRequest { version } = request;
        let review =
            self.build_document(&version, |input| account_review::account_review(AccountReview::new(input))).await?;
        Ok(v1::GetAccountReviewResponse { review: Some(review) })
    }

    /// Lists a page of the table. The token contains the version's number: an alias may move between two pages.
    pub(super) async fn list_review_rows(
        &self,
        request: v1::ListReviewRowsRequest,
    ) -> Result<v1::ListReviewRowsResponse, Status> {
        let v1::ListReviewRowsRequest { version, page_size, page_token } = request;
        let mut problems = Violations::default();
        let requested = if version.is_empty() { DEFAULT_VERSION } else { version.as_str() };
        let page = PageRequest::parse(METHOD, requested, page_size, &page_token, &mut problems);
        let page = problems.finish(page)?;
        let place = page.after.as_deref().and_then(|after| after.rsplit_once('@'));
        let after: Option<usize> = place.and_then(|(row, _)| row.parse().ok());
        let version = place.map_or(version, |(_, version)| version.to_owned());
        let max_bytes = self.max_response_bytes;
        self.build_document(&version, move |input| {
            let from = after.map_or(0, |after| after.saturating_add(1));
            let table = ReviewTable::new(input);
            let name = |row: usize| format!("{row}@{}", input.version);
            let rows =
                (from..input.rows()).filter_map(|row| Some((name(row), account_review::review_row(table.row(row)?))));
            let (rows, next_page_token) = page.fill(rows, max_bytes);
            v1::ListReviewRowsResponse {
                headings: HEADINGS.map(str::to_owned).to_vec(),
                rows,
                next_page_token,
                resolved_version: input.version.clone(),
            }
        })
        .await
    }
}
