//! `verify`: exit codes, answers for people and for programs, and tables of requests that openssl signed.

mod answers;
mod canned;
mod cookies;
mod custom;
mod request;
mod wildcards;
