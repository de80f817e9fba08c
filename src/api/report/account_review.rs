//! `GetAccountReview` and `ListReviewRows`: the questions about the customers until now and their answers, and the
//! table of the customers.

use prost::Message as _;
use sweetspot_proto::v1;
use sweetspot_report::ReportInput;
use sweetspot_report::review::{AccountReview, AllColumnsTable, HEADINGS, ReviewRow, ReviewTable};
use tonic::Status;

use super::ReportApi;
use crate::api::convert::account_review::{self, review_row, table_column};
use crate::api::convert::document_settings::parse_day_setting;
use crate::api::convert::score_plan::DEFAULT_VERSION;
use crate::api::pagination::PageRequest;
use crate::api::violations::Violations;
use crate::messages::document_settings::wire_document_settings;
use crate::messages::training::wire_policy;

const METHOD: &str = "ListReviewRows";

impl ReportApi {
    /// Returns the account review of a version.
    pub(super) async fn get_account_review(
        &self,
        request: v1::GetAccountReviewRequest,
    ) -> Result<v1::GetAccountReviewResponse, Status> {
        let v1::GetAccountReviewRequest { version, as_of } = request;
        let settings = parse_day_setting(as_of)?;
        let review = |input: &ReportInput| account_review::account_review(AccountReview::new(input));
        let review = self.build_document_with(&version, settings, review).await?;
        Ok(v1::GetAccountReviewResponse { review: Some(review) })
    }

    /// Lists a page of the table. The token contains the version's number: an alias may move between two pages.
    pub(super) async fn list_review_rows(
        &self,
        request: v1::ListReviewRowsRequest,
    ) -> Result<v1::ListReviewRowsResponse, Status> {
        let v1::ListReviewRowsRequest { version, page_size, page_token, all_columns } = request;
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
            let name = |row: usize| format!("{row}@{}", input.version);
            let mut response =
                v1::ListReviewRowsResponse { resolved_version: input.version.clone(), ..Default::default() };
            let read_row: Box<dyn Fn(usize) -> Option<ReviewRow>>;
            if all_columns {
                let table = AllColumnsTable::new(input);
                let columns = table.columns().map(|(heading, meaning)| (heading.to_owned(), table_column(meaning)));
                (response.headings, response.columns) = columns.unzip();
                input.currency().unwrap_or_default().clone_into(&mut response.currency);
                response.label_policy = Some(wire_policy(&input.model.label_policy()));
                response.document_settings = Some(wire_document_settings(input.customers.document_settings()));
                read_row = Box::new(move |row| table.row(row));
            } else {
                let table = ReviewTable::new(input);
                response.headings = HEADINGS.map(str::to_owned).to_vec();
                read_row = Box::new(move |row| table.row(row));
            }
            let rows = (from..input.rows()).filter_map(|row| Some((name(row), review_row(read_row(row)?))));
            let max_row_bytes = max_bytes.saturating_sub(response.encoded_len());
            (response.rows, response.next_page_token) = page.fill(rows, max_row_bytes);
            response
        })
        .await
    }
}
