//! The command line as a user meets it: real processes of the built binary, judged by openssl and curl.

mod keygen;
mod openssl;
mod process;
