//! The rotation of signing keys against emulated Secrets Manager and CloudFront.

pub mod account;
mod command;
mod deaths;
mod installation;
mod load;
mod mirror;
mod refusals;
mod replacement;
mod rivals;
