//! The proof of made-up evidence.
