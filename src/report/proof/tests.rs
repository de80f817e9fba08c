//! The proof of made-up evidence.

use super::*;
