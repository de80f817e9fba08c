//! The account review, and its table.

use sweetspot_proto::v1;
use sweetspot_report::review::{AccountReview, HEADINGS, ReviewTable};
use tonic::Status;

use super::Profile;
use crate::api::convert::plan::DEFAULT_VERSION;
use crate::api::convert::review;
use crate::api::page::Page;
use crate::api::problems::Problems;
use crate::api::status::status;

const METHOD: &str = "ListReviewRows";

impl Profile {
    /// The account review of a version.
    pub(super) async fn account_review(
        &self,
        request: v1::GetAccountReviewRequest,
    ) -> Result<v1::GetAccountReviewResponse, Status> {
        let v1::GetAccountReviewRequest { version } = request;
        let review = self.document(&version, |evidence| review::wire(AccountReview::of(evidence))).await?;
        Ok(v1::GetAccountReviewResponse { review: Some(review) })
    }

    /// One page of its table. A token holds the number of the version: an alias may move between two pages.
    pub(super) async fn review_rows(
        &self,
        request: v1::ListReviewRowsRequest,
    ) -> Result<v1::ListReviewRowsResponse, Status> {
        let v1::ListReviewRowsRequest { version, page_size, page_token } = request;
        let mut problems = Problems::default();
        let asked = if version.is_empty() { DEFAULT_VERSION } else { version.as_str() };
        let page = Page::parse(METHOD, asked, page_size, &page_token, &mut problems);
        let page = problems.check(page).map_err(|fault| status(&fault))?;
        let place = page.after.as_deref().and_then(|after| after.rsplit_once('@'));
        let after: Option<usize> = place.and_then(|(row, _)| row.parse().ok());
        let version = place.map_or(version, |(_, version)| version.to_owned());
        let most = self.most_out;
        self.document(&version, move |evidence| {
            let from = after.map_or(0, |after| after.saturating_add(1));
            let table = ReviewTable::of(evidence);
            let name = |row: usize| format!("{row}@{}", evidence.version);
            let rows = (from..evidence.rows()).filter_map(|row| Some((name(row), review::row(table.row(row)?))));
            let (rows, next_page_token) = page.fill(rows, most);
            v1::ListReviewRowsResponse {
                headings: HEADINGS.map(str::to_owned).to_vec(),
                rows,
                next_page_token,
                resolved_version: evidence.version.clone(),
            }
        })
        .await
    }
}
