//! Opens a list of prospects and selects its best accounts, for all commands that rank a list.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sweetspot_proto::v1::rank_targets_request::Tiering;
use sweetspot_proto::v1::{Account, AccountName, RankTargetsRequest, ScoreConfig, Target, WholeList};

use super::list_totals::ListTotalsBuilder;
use super::{CollectedList, ListRow, MAX_RANKED, Order, TierArgs, TopCollector, rank_client};
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::excluded_ids::ExcludeArgs;
use crate::cli::exit::CliError;
use crate::cli::prospect_list::ProspectList;
use crate::cli::rejected_rows::RejectList;
use crate::cli::scoring::ScoreStream;
use crate::cli::server_error::ServerError;
use crate::cli::version_lookup::{ExpectedValueSupport, ScoringVersion};

/// The maximum number of names of a report, and the maximum size of each in bytes.
const MAX_NAMED: usize = 512;
const MAX_NAME_BYTES: usize = 200;

/// How the list is read and ranked.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub(crate) struct RankedListArgs {
    /// Mapping of the columns [default: as in score]
    #[arg(long, value_name = "M")]
    mapping: Option<PathBuf>,
    #[command(flatten)]
    tiers: TierArgs,
    /// Order of the list [default: probability]
    #[arg(long, value_enum, value_name = "ORDER")]
    order: Option<Order>,
    #[command(flatten)]
    exclude: ExcludeArgs,
    /// Attribute that a next step may change; may be given several times [default: those that the mapping of the
    /// customers marks as changeable]
    #[arg(long, value_name = "ATTRIBUTE")]
    changeable: Vec<String>,
    /// File for the list of rows that cannot be ranked, as CSV
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// An open list, with the options of its ranking.
pub(crate) struct OpenList<'a> {
    args: &'a RankedListArgs,
    list: ProspectList,
}

/// The best accounts of a list, at most as many as one request ranks.
#[derive(Debug)]
pub(crate) struct TopAccounts {
    accounts: Vec<Account>,
    /// The row of each account in the list.
    rows: Vec<ListRow>,
    tiering: Option<Tiering>,
    order: Order,
    changeable: Vec<String>,
    /// The figures of the list; `None` if the accounts are the whole list.
    whole_list: Option<WholeList>,
    /// The number of scored accounts.
    pub(crate) scored_count: u64,
    /// The number of accounts left out by id.
    pub(crate) excluded_count: u64,
}

impl RankedListArgs {
    /// Returns the defaults with this mapping.
    pub(crate) fn with_mapping(mapping: &Path) -> Self {
        Self { mapping: Some(mapping.to_owned()), ..Self::default() }
    }

    /// Opens a list; `-` is standard input.
    ///
    /// # Errors
    /// Returns an error if the file, the mapping, the ids to leave out or the tier options are invalid.
    pub(crate) fn open(&self, context: &Context, file: &Path) -> Result<OpenList<'_>, CliError> {
        self.tiers.check()?;
        let mut list = ProspectList::open(context, file, self.mapping.as_deref())?;
        list.exclude(&self.exclude)?;
        Ok(OpenList { args: self, list })
    }
}

impl RankedListArgs {
    /// Returns the requested order, or the order by probability if no customer value is known.
    fn order(&self, context: &Context, version: &ScoringVersion) -> Result<Order, CliError> {
        let order = self.order.unwrap_or_default();
        match (&version.expected_value_support, order) {
            (ExpectedValueSupport::Unavailable(why), Order::ExpectedValue) => {
                let text = format!("{why}: omit --order expected-value");
                Err(CliError::Refused(ServerError::precondition("NO_VALUE_ORDER", text)))
            }
            (ExpectedValueSupport::NoValues, Order::ExpectedValue) => {
                context.out.note("no customer's value is known: the list is ordered by probability");
                Ok(Order::Probability)
            }
            (
                ExpectedValueSupport::Available | ExpectedValueSupport::NoValues | ExpectedValueSupport::Unavailable(_),
                _,
            ) => Ok(order),
        }
    }
}

impl OpenList<'_> {
    /// Keeps the cells of these columns with each account, and returns their headings.
    ///
    /// # Errors
    /// Returns an error if the list lacks one of them.
    pub(crate) fn keep_columns(&mut self, columns: &[String]) -> Result<Vec<String>, CliError> {
        self.list.keep_columns(columns)
    }

    /// Keeps the names of the accounts, for [`TopAccounts::names`].
    ///
    /// # Errors
    /// Returns an error if the columns cannot be read.
    pub(crate) fn keep_names(&mut self) -> Result<(), CliError> {
        self.list.keep_names()
    }

    /// Scores the list and selects its best accounts.
    ///
    /// # Errors
    /// Returns an error if the list cannot be read to its end, if the server refuses, or if no account is left.
    pub(crate) async fn collect_top(
        mut self,
        client: &mut Client,
        context: &Context,
        version: &ScoringVersion,
    ) -> Result<TopAccounts, CliError> {
        self.list.match_attributes(version)?;
        let RankedListArgs { tiers, rejects, changeable, .. } = self.args;
        let order = self.args.order(context, version)?;
        let rejects = RejectList::create(rejects.as_deref())?;
        let totals = ListTotalsBuilder::new(tiers, order);
        let list_name = self.list.name().to_owned();
        let mut best = TopCollector::new(self.list, version.attributes, (order, totals), rejects)?;
        // The alias is resolved once, so that a promotion in the meantime does not mix versions.
        let config = ScoreConfig { version: version.name.clone(), ..ScoreConfig::default() };
        let read = ScoreStream::new(config).run(client, &mut best).await;
        let CollectedList { accounts, totals, rejects, list } = best.finish();
        list.iter().for_each(ProspectList::report);
        rejects.finish(context.out, 0)?;
        read?;
        let excluded_count = list.as_ref().map_or(0, ProspectList::excluded_count);
        if accounts.is_empty() {
            let why = if excluded_count > 0 { ": all others are left out by --exclude" } else { "" };
            return Err(CliError::Data(format!("{list_name} has no account that can be ranked{why}")));
        }
        let (accounts, listed): (Vec<_>, Vec<_>) = accounts.into_iter().unzip();
        let scored = totals.accounts();
        // The server counts a list that it receives in full.
        let whole_list = (scored > accounts.len() as u64).then(|| totals.finish(tiers));
        Ok(TopAccounts {
            accounts,
            rows: listed,
            tiering: tiers.tiering(scored),
            order,
            changeable: changeable.clone(),
            whole_list,
            scored_count: scored,
            excluded_count,
        })
    }
}

impl TopAccounts {
    /// Returns the ranking request for the list, without a version.
    pub(crate) fn request(&self) -> RankTargetsRequest {
        RankTargetsRequest {
            tiering: self.tiering,
            order: self.order.wire().into(),
            changeable_attributes: self.changeable.clone(),
            whole_list: self.whole_list.clone(),
            ..rank_client::rank_request(&self.accounts)
        }
    }

    /// Returns the names of the best accounts, which [`OpenList::keep_names`] kept.
    pub(crate) fn names(&self) -> Vec<AccountName> {
        let best = self.accounts.iter().zip(&self.rows).take(MAX_NAMED);
        let named = best.filter_map(|(account, row)| {
            let name = row.kept_cells.first().filter(|name| !name.is_empty() && name.len() <= MAX_NAME_BYTES)?;
            Some(AccountName { account_id: account.account_id.clone(), name: name.clone() })
        });
        named.collect()
    }

    /// Returns a note on a list that is longer than one request ranks, and `None` for other lists.
    pub(crate) fn truncation_note(&self) -> Option<String> {
        let unlisted = self.scored_count.saturating_sub(self.accounts.len() as u64);
        (unlisted > 0).then(|| {
            format!(
                "tiers count the whole list; reasons, look-alikes and next steps are found for its best {MAX_RANKED}"
            )
        })
    }

    /// Returns each target with its row in the list.
    pub(crate) fn with_accounts<'t>(&self, targets: &'t [Target]) -> Vec<(&'t Target, ListRow)> {
        let wire = self.accounts.iter().map(|account| account.account_id.as_str());
        let listed: BTreeMap<&str, &ListRow> = wire.zip(&self.rows).collect();
        let id = |target: &Target| target.score.as_ref().map(|score| score.account_id.clone()).unwrap_or_default();
        let named = |target| {
            let id = id(target);
            let unlisted = || ListRow { id: id.clone(), ..ListRow::default() };
            (target, listed.get(id.as_str()).map_or_else(unlisted, |account| (*account).clone()))
        };
        targets.iter().map(named).collect()
    }
}
