//! The gateway on AWS: real processes and real components, emulators behind them, and failures in between.

mod bucket;
mod faults;
mod place;
mod round_trips;
mod signing_keys;
mod two_gateways;
