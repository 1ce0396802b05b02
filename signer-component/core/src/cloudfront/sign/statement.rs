//! The policy statement, byte for byte as the aws CLI writes it.

use std::fmt::Write as _;

use super::Ipv4Range;
use crate::time::EpochSeconds;

/// Writes the one statement, without a blank and in the order DateLessThan, DateGreaterThan, IpAddress.
///
/// The resource was validated to hold no quote, backslash or control character, so that it cannot leave its string.
pub(super) fn write(
    resource: &str,
    expires_at: EpochSeconds,
    not_before: Option<EpochSeconds>,
    ip: Option<Ipv4Range>,
) -> String {
    let mut text = format!(
        r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires_at}}}"#
    );
    // Writing into a String cannot fail.
    if let Some(not_before) = not_before {
        let _ = write!(text, r#","DateGreaterThan":{{"AWS:EpochTime":{not_before}}}"#);
    }
    if let Some(ip) = ip {
        let _ = write!(text, r#","IpAddress":{{"AWS:SourceIp":"{ip}"}}"#);
    }
    text.push_str("}}]}");
    text
}
