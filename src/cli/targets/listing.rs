//! How a list of prospects is ranked, and the best accounts of it: what every command that ranks one begins with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sweetspot_proto::v1::rank_targets_request::Tiering;
use sweetspot_proto::v1::{Account, RankTargetsRequest, ScoreConfig, Target, WholeList};

use super::whole::Census;
use super::{Best, ListedAccount, MOST, Order, Tiers, asking};
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::exclusions::ExcludeArgs;
use crate::cli::exit::CliError;
use crate::cli::list::List;
use crate::cli::refusal::Refusal;
use crate::cli::rejects::Rejects;
use crate::cli::scoring::Flow;
use crate::cli::versions::{Answering, ValueOrder};

/// How the list is read and ranked.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub(crate) struct Listing {
    /// Mapping of the columns [default: as in score]
    #[arg(long, value_name = "M")]
    mapping: Option<PathBuf>,
    #[command(flatten)]
    tiers: Tiers,
    /// Order of the list [default: probability]
    #[arg(long, value_enum, value_name = "ORDER")]
    order: Option<Order>,
    #[command(flatten)]
    exclude: ExcludeArgs,
    /// File for the list of rows that cannot be ranked, as CSV
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// A list that is open, and how it is ranked.
pub(crate) struct Opened<'a> {
    listing: &'a Listing,
    list: List,
}

/// The best accounts of a list, no more than one request ranks.
#[derive(Debug)]
pub(crate) struct Picked {
    accounts: Vec<Account>,
    /// What the list says of each.
    listed: Vec<ListedAccount>,
    tiering: Option<Tiering>,
    order: Order,
    /// The figures of the list; nothing where the accounts are all of it.
    whole: Option<WholeList>,
    /// How many were scored.
    pub(crate) scored: u64,
    /// How many were left out by their id.
    pub(crate) left_out: u64,
}

impl Listing {
    /// With a mapping, and everything else as it is where nobody says otherwise.
    pub(crate) fn with_mapping(mapping: &Path) -> Self {
        Self { mapping: Some(mapping.to_owned()), ..Self::default() }
    }

    /// Opens a list; `-` is standard input.
    ///
    /// # Errors
    /// Where the file, the mapping or the ids to leave out cannot be used, or tiers are no tiers.
    pub(crate) fn open(&self, context: &Context, file: &Path) -> Result<Opened<'_>, CliError> {
        self.tiers.check()?;
        let mut list = List::open(context, file, self.mapping.as_deref())?;
        list.exclude(&self.exclude)?;
        Ok(Opened { listing: self, list })
    }
}

impl Listing {
    /// The order that is wanted, where the version has it.
    fn order(&self, context: &Context, version: &Answering) -> Result<Order, CliError> {
        let order = self.order.unwrap_or_default();
        match (&version.value_order, order) {
            (ValueOrder::Refused(why), Order::ExpectedValue) => {
                let text = format!("{why}: omit --order expected-value");
                Err(CliError::Refused(Refusal::precondition("NO_VALUE_ORDER", text)))
            }
            (ValueOrder::NoValues, Order::ExpectedValue) => {
                context.out.note("no customer's value is known: the list is ordered by probability");
                Ok(Order::Probability)
            }
            (ValueOrder::Given | ValueOrder::NoValues | ValueOrder::Refused(_), _) => Ok(order),
        }
    }
}

impl Opened<'_> {
    /// Keeps the cells of these columns with each account; returns their headings.
    ///
    /// # Errors
    /// Where the list lacks one of them.
    pub(crate) fn keep(&mut self, columns: &[String]) -> Result<Vec<String>, CliError> {
        self.list.keep(columns)
    }

    /// Scores the list and keeps the best of it.
    ///
    /// # Errors
    /// Where the list cannot be read to its end, the server refuses, or no account is left.
    pub(crate) async fn pick(
        mut self,
        client: &mut Client,
        context: &Context,
        version: &Answering,
    ) -> Result<Picked, CliError> {
        self.list.match_attributes(version)?;
        let Listing { tiers, rejects, .. } = self.listing;
        let order = self.listing.order(context, version)?;
        let rejects = Rejects::create(rejects.as_deref())?;
        let census = (order, Census::new(tiers, order));
        let mut best = Best::new(&mut self.list, version.attributes, census, rejects);
        // The alias is resolved once: a promotion meanwhile does not mix versions.
        let config = ScoreConfig { version: version.name.clone(), ..ScoreConfig::default() };
        let read = Flow::new(config).run(client, &mut best).await;
        let (accounts, census, rejects) = best.finish();
        self.list.report();
        rejects.finish(context.out, 0)?;
        read?;
        if accounts.is_empty() {
            let why = if self.list.excluded() > 0 { ": all others are left out by --exclude" } else { "" };
            return Err(CliError::Data(format!("{} has no account that can be ranked{why}", self.list.name())));
        }
        let (accounts, listed): (Vec<_>, Vec<_>) = accounts.into_iter().unzip();
        let scored = census.accounts();
        // The server counts a list that it has in full.
        let whole = (scored > accounts.len() as u64).then(|| census.finish(tiers));
        let left_out = self.list.excluded();
        Ok(Picked { accounts, listed, tiering: tiers.of(scored), order, whole, scored, left_out })
    }
}

impl Picked {
    /// The list as it is asked for, of no version yet.
    pub(crate) fn request(&self) -> RankTargetsRequest {
        RankTargetsRequest {
            tiering: self.tiering,
            order: self.order.wire().into(),
            whole_list: self.whole.clone(),
            ..asking::request(&self.accounts)
        }
    }

    /// What is said of a list that is longer than one request ranks; nothing of others.
    pub(crate) fn beyond(&self) -> Option<String> {
        let beyond = self.scored.saturating_sub(self.accounts.len() as u64);
        (beyond > 0).then(|| {
            format!("tiers count the whole list; reasons, look-alikes and next steps are found for its best {MOST}")
        })
    }

    /// Each target with what the list says of it.
    pub(crate) fn listed<'t>(&self, targets: &'t [Target]) -> Vec<(&'t Target, ListedAccount)> {
        let wire = self.accounts.iter().map(|account| account.account_id.as_str());
        let listed: BTreeMap<&str, &ListedAccount> = wire.zip(&self.listed).collect();
        let id = |target: &Target| target.score.as_ref().map(|score| score.account_id.clone()).unwrap_or_default();
        let named = |target| {
            let id = id(target);
            let unlisted = || ListedAccount { id: id.clone(), ..ListedAccount::default() };
            (target, listed.get(id.as_str()).map_or_else(unlisted, |account| (*account).clone()))
        };
        targets.iter().map(named).collect()
    }
}
