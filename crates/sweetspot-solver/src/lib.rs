//! Additive logistic regression on encoded rows, with quadratic penalties whose smoothing parameters are estimated from
//! the data.
//!
//! The crate knows slots and parameters, not attributes. A fit has the same bits for any number of threads.
//!
//! # The problem
//!
//! ```text
//! maximize over β:  Σᵢ wᵢ (yᵢ ηᵢ − log(1 + e^ηᵢ)) − ½ Σₖ λₖ βᵀ Sₖ β,    η = offset + X β
//! ```
//!
//! Labels y are 0 or 1. The maximum also includes a normal prior for each [`Prior`] and a small ridge that breaks ties,
//! and is subject to each term's [`Monotonicity`] constraint. The λₖ maximize the Laplace-approximate evidence, with a
//! weak prior on the size of the effects.
//!
//! # Symbols
//!
//! | symbol | meaning |
//! |---|---|
//! | β | the parameters, term by term, in log-odds; θ in the formulas of the files |
//! | X | the design matrix: how often each parameter occurs in a row; never built |
//! | w | the case weights; in H, w p (1 − p), the curvature of each row |
//! | H | Xᵀ W X + Σ λ S, the negative Hessian of the penalized log-likelihood; never built |
//! | H̃ | the approximation of H that is inverted: exact within each term, coarse between terms |
//! | λ | the smoothing parameters, one for each penalty or set of penalties |
//! | S | the matrix of a penalty: a ridge or a first-order random walk |
//! | slots | the bins, levels or items of a term; a row has one slot of a term, or any number for a list |
//! | groups | the slots of a term, combined into at most 64 groups to build the part of H̃ between terms |
//!
//! # The algorithm
//!
//! 1. Encode the rows as slots: `design.rs`. Each term maps its slots to parameters and penalties: `term_block.rs`.
//! 2. Check the settings, and choose the fit with or without monotonicity constraints: `estimator.rs`.
//! 3. Start from the base rate or a warm start, and assign each term's slots to groups: `newton.rs`,
//!    `grouped_slots.rs`.
//! 4. Compute the gradient and the curvature by passes over the rows in fixed shards: `penalized_likelihood.rs`,
//!    `design_sums.rs`.
//! 5. If the log-odds have moved, count the row weights by slot and by pair of groups: `cross_counts.rs`.
//! 6. Factor H̃ by Woodbury's identity: `approximate_information.rs`, with the block of each term in `banded.rs`.
//! 7. Solve H d = g by conjugate gradients preconditioned by H̃, halve the step while the objective falls: `newton.rs`.
//! 8. Update λ by Fellner-Schall steps; repeat from 4 until the gradient and λ have converged: `smoothing.rs`.
//! 9. Under constraints, merge and release neighboring slots, and refit until no slot changes: `monotone/`.
//! 10. From H̃ at the optimum, derive log Bayes factors and the uncertainty: `bayes_factor.rs`, `uncertainty.rs`.
//!
//! # References
//!
//! - Barlow, Bartholomew, Bremner and Brunk 1972, "Statistical inference under order restrictions".
//! - Beck and Teboulle 2009, "A fast iterative shrinkage-thresholding algorithm for linear inverse problems", SIAM J.
//!   Imaging Sci. 2:183: the reference method of the tests.
//! - Chung, Rabe-Hesketh, Dorie, Gelman and Liu 2013, Psychometrika 78:685.
//! - de Leeuw, Hornik and Mair 2009, "Isotone optimization in R", J. Stat. Softw. 32(5).
//! - Dickey 1971, "The weighted likelihood ratio, linear hypotheses on normal location parameters", Ann. Math. Stat.
//!   42:204.
//! - Han and Curtis 2015, "Primal-dual active-set methods for isotonic regression and trend filtering",
//!   arXiv:1508.02452.
//! - Nocedal and Wright 2006, "Numerical optimization", chapters 12 and 16.
//! - Rao 1948, "Large sample tests of statistical hypotheses", Proc. Camb. Phil. Soc. 44:50.
//! - Rue and Martino 2007, eq. 5, and Takahashi, Fagan and Chin 1973: the band of the inverse.
//! - Shewchuk 1994, section B3: preconditioned conjugate gradients.
//! - Wood and Fasiolo 2017, "A generalized Fellner-Schall method for smoothing parameter optimization",
//!   Biometrics 73:1071.

mod approximate_information;
mod banded;
mod bayes_factor;
mod cross_weights;
mod design;
mod design_sums;
mod estimator;
#[cfg(test)]
mod fixtures;
mod grouped_slots;
mod monotone;
mod monotonicity;
mod newton;
mod penalized_likelihood;
mod smoothing;
mod term_block;
mod uncertainty;

pub use design::{Design, EncodedTerm, TermSlots};
pub use design_sums::{row_sums, slot_sums};
pub use estimator::{AdditiveLogistic, FitError, FittedLogistic, SolverSettings, Tolerance, WarmStart};
pub use grouped_slots::SlotGroups;
pub use monotonicity::Monotonicity;
pub use penalized_likelihood::{probability, row_derivatives, sigmoid, softplus};
pub use term_block::{ChainSmoothingIndices, Penalty, PenaltyForm, Prior, TermBlock};
pub use uncertainty::EffectUncertainty;
