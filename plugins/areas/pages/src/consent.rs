//! `consent`
