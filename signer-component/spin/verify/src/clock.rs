//! What time it is, as far as the host knows.

use spin_sdk::wasip3::clocks::system_clock;

/// Epoch seconds; `None` when they cannot be right. Before 1970 is a clock that nobody has set, and 0 would make
/// every signature one that has not expired.
pub fn now() -> Option<u64> {
    u64::try_from(system_clock::now().seconds).ok()
}
