//! Who may do what: scopes, and the roles that combine them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An error for a text that names no scope or role.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{found:?} is not a {kind}: use one of {known}")]
pub struct UnknownAccessWord {
    /// The given text.
    pub found: String,
    /// What it should be: `role` or `scope`.
    pub kind: &'static str,
    /// All valid texts, separated by commas.
    pub known: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $kind:literal; $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word for it, as in settings, credentials and messages.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownAccessWord;

            fn from_str(text: &str) -> Result<Self, UnknownAccessWord> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or_else(|| UnknownAccessWord {
                    found: text.chars().take(64).collect(),
                    kind: $kind,
                    known: Self::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

words! {
    /// The right to call certain methods.
    Scope, "scope";
    /// Reads models, datasets, definitions, training runs and documents, with the customers that they list.
    Read = "read",
    /// Scores accounts, without reasons.
    Score = "score",
    /// Explains scores, which reveals what the model weighs.
    Explain = "explain",
    /// Imports customers and their outcomes, and restores earlier imports.
    WriteDatasets = "datasets:write",
    /// Starts and cancels training runs, and labels model versions.
    Train = "train",
    /// Changes the definition: hypotheses, exclusion rules, findings, comments, settings.
    WriteDefinitions = "definitions:write",
    /// Approves or returns a definition in review.
    Approve = "approve",
    /// Moves the aliases of a model to versions that pass the promotion checks.
    Promote = "promote",
    /// Promotes despite a failed check, and changes the thresholds of the checks.
    OverrideChecks = "promote:override",
    /// Deletes models, datasets and their versions.
    Delete = "delete",
    /// Erases accounts.
    Erase = "erase",
    /// Manages API keys.
    ManageKeys = "keys",
    /// Reads the audit log.
    ReadAudit = "audit",
    /// Measures the whole store, copies it, and frees its space. Needs a credential for all workspaces.
    Maintain = "store",
}

words! {
    /// A set of scopes for a kind of caller.
    Role, "role";
    /// Reads everything in its workspace.
    Reader = "reader",
    /// Scores accounts, such as a lead router.
    Scorer = "scorer",
    /// Imports, trains and maintains the definition.
    Trainer = "trainer",
    /// Reviews the definition and promotes versions.
    Approver = "approver",
    /// Does everything.
    Owner = "owner",
}

impl Role {
    /// The scopes of the role.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        use Scope::{Approve, Explain, Promote, Read, Score, Train, WriteDatasets, WriteDefinitions};
        match self {
            Self::Reader => &[Read],
            Self::Scorer => &[Score],
            Self::Trainer => &[Read, Score, Explain, WriteDatasets, Train, WriteDefinitions],
            Self::Approver => &[Read, Score, Explain, WriteDefinitions, Approve, Promote],
            Self::Owner => Scope::ALL,
        }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(u32);

impl ScopeSet {
    /// Every scope.
    pub const ALL: Self = Self((1 << Scope::ALL.len()) - 1);

    /// The scopes of the roles, and those listed in addition.
    #[must_use]
    pub fn new(roles: &[Role], scopes: &[Scope]) -> Self {
        let of_roles = roles.iter().flat_map(|role| role.scopes());
        Self(of_roles.chain(scopes).fold(0, |bits, scope| bits | 1 << *scope as u32))
    }

    /// Whether the set contains a scope.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u32) != 0
    }

    /// Whether the set contains all scopes of another one.
    #[must_use]
    pub const fn includes(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written_and_others_are_refused() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse::<Scope>().as_ref(), Ok(scope));
        }
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().as_ref(), Ok(role));
        }
        let error = "admin".parse::<Role>().unwrap_err();
        let text = r#""admin" is not a role: use one of reader, scorer, trainer, approver, owner"#;
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn a_set_contains_the_scopes_of_its_roles_and_no_others() {
        for role in Role::ALL {
            let set = ScopeSet::new(&[*role], &[]);
            for scope in Scope::ALL {
                assert_eq!(set.contains(*scope), role.scopes().contains(scope), "{role} {scope}");
            }
            assert!(ScopeSet::ALL.includes(set));
        }
        let set = ScopeSet::new(&[Role::Scorer], &[Scope::Explain]);
        assert!(set.contains(Scope::Score) && set.contains(Scope::Explain) && !set.contains(Scope::Read));
        assert!(
            set.includes(ScopeSet::new(&[Role::Scorer], &[])) && !ScopeSet::new(&[Role::Scorer], &[]).includes(set)
        );
        assert!(ScopeSet::new(&[Role::Owner], &[]) == ScopeSet::ALL && !ScopeSet::default().contains(Scope::Score));
    }
}
