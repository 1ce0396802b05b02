//! IPv4 ranges as CloudFront writes them.

use std::{fmt, net::Ipv4Addr};

use crate::error::InvalidField;

/// An IPv4 address or CIDR range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ipv4Range {
    address: Ipv4Addr,
    length: u8,
}

impl fmt::Display for Ipv4Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// Takes `a.b.c.d` or `a.b.c.d/n`. One address becomes `/32`, which CloudFront demands.
pub(crate) fn parse_range(field: &str, text: &str) -> Result<Ipv4Range, InvalidField> {
    if text.contains(':') {
        return Err(InvalidField::new(field, "is IPv6, which CloudFront cannot restrict to"));
    }
    let wrong =
        || InvalidField::new(field, "must be an IPv4 address or range such as 192.0.2.0/24");
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => {
            // Parsing alone would take "+8" and "08".
            let plain = length == "0"
                || (!length.starts_with('0') && length.bytes().all(|byte| byte.is_ascii_digit()));
            if !plain {
                return Err(wrong());
            }
            (address, length.parse().map_err(|_| wrong())?)
        }
        None => (text, 32),
    };
    let address = address.parse().map_err(|_| wrong())?;
    if length > 32 {
        return Err(wrong());
    }
    Ok(Ipv4Range { address, length })
}
