//! The work of item 64.

pub mod gcd;
