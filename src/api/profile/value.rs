//! What customers are worth, and which cost more than they pay.

use sweetspot_core::VersionRef;
use sweetspot_proto::v1;
use sweetspot_report::value::{BadFits, Stated, ValueReport};
use tonic::Status;

use super::Profile;
use crate::api::convert::plan::DEFAULT_VERSION;
use crate::api::convert::value_report::{account, liability, question, report, stated};
use crate::api::page::Page;
use crate::api::problems::Problems;
use crate::api::status::status;

impl Profile {
    /// The value report of a version.
    pub(super) async fn value_curve(
        &self,
        request: v1::GetValueCurveRequest,
    ) -> Result<v1::GetValueCurveResponse, Status> {
        let mut problems = Problems::default();
        let version = request.version.clone();
        let name: Option<VersionRef> = problems.name_or("version", &version, DEFAULT_VERSION);
        let question = question(&request, &mut problems);
        let (_, question) = problems.check(name.zip(question)).map_err(|fault| status(&fault))?;
        let made = self.document(&version, move |evidence| report(ValueReport::of(evidence, &question)));
        Ok(v1::GetValueCurveResponse { report: Some(made.await?) })
    }

    /// A page of the customers that cost more than they pay, the greatest loss first.
    pub(super) async fn bad_fits(
        &self,
        request: v1::ListBadFitAccountsRequest,
    ) -> Result<v1::ListBadFitAccountsResponse, Status> {
        let v1::ListBadFitAccountsRequest { version, weights, page_size, page_token } = request;
        let mut problems = Problems::default();
        let name: Option<VersionRef> = problems.name_or("version", &version, DEFAULT_VERSION);
        let stated = stated(weights, &mut problems);
        let page = Page::parse("ListBadFitAccounts", &list(&version, &stated), page_size, &page_token, &mut problems);
        let (_, page) = problems.check(name.zip(page)).map_err(|fault| status(&fault))?;
        let (version, start) = begin(&page, &version);
        let most = self.most_out;
        self.document(&version, move |evidence| {
            let BadFits { liability: lost, accounts } = BadFits::of(evidence, &stated);
            let shown = accounts.into_iter().enumerate().skip(start).map(|(index, found)| {
                (format!("{} {}", evidence.version, index + 1), account(found, evidence.currency()))
            });
            let (accounts, next_page_token) = page.fill(shown, most);
            v1::ListBadFitAccountsResponse {
                version: evidence.version.clone(),
                currency: evidence.currency().map(str::to_owned),
                liability: Some(liability(lost)),
                accounts,
                next_page_token,
            }
        })
        .await
    }
}

/// A token leads on in the list of the same weights alone.
fn list(version: &str, stated: &Stated) -> String {
    format!("{version} {stated:?}")
}

/// The version of the first page, and how many accounts were shown: an alias may have moved in between.
fn begin(page: &Page, version: &str) -> (String, usize) {
    let after = page.after.as_deref().and_then(|after| after.rsplit_once(' '));
    after.map_or_else(
        || (version.to_owned(), 0),
        |(version, shown)| (version.to_owned(), shown.parse().unwrap_or(usize::MAX)),
    )
}
