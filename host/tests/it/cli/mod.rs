//! The command line as a user meets it: real processes of the built binary, judged by openssl and curl.

mod cookies;
mod demo;
mod documentation;
mod edge;
mod examples;
mod help;
mod keygen;
pub mod openssl;
pub mod process;
mod readme;
mod s3_origin;
mod serve;
mod sidecar;
mod sign;
mod sign_refusals;
pub mod site;
mod store;
mod token;
mod verify;
mod wrong_input;
