//! The command line as a user meets it: real processes of the built binary, judged by openssl and curl.

mod cookies;
mod keygen;
mod openssl;
mod process;
mod serve;
mod sign;
mod sign_refusals;
mod site;
mod store;
mod verify;
mod wrong_input;
