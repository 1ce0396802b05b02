//! `AWS:SourceIp`: one IPv4 address or one IPv4 range.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

/// An IPv4 range as a policy writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceIp {
    address: Ipv4Addr,
    prefix: u32,
    /// Whether the range had a `/`, which CloudFront's documents demand even for one address.
    pub(super) has_slash: bool,
}

impl SourceIp {
    /// Reads `a.b.c.d/n`, or `a.b.c.d` for one address; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Some((address, prefix)) = text.split_once('/') else {
            return Some(Self { address: text.parse().ok()?, prefix: 32, has_slash: false });
        };
        let is_plain = prefix.bytes().all(|byte| byte.is_ascii_digit())
            && (prefix == "0" || !prefix.starts_with('0'));
        let prefix = prefix.parse().ok().filter(|prefix| is_plain && *prefix <= 32)?;
        Some(Self { address: address.parse().ok()?, prefix, has_slash: true })
    }

    /// Whether bits are set behind the prefix, as in `192.0.2.7/24`.
    pub(super) fn has_host_bits(self) -> bool {
        self.address.to_bits() & !self.mask() != 0
    }

    /// Whether a viewer's address lies inside. No IPv6 address does, unless it maps an IPv4 one.
    pub(super) fn contains(self, viewer: IpAddr) -> bool {
        let viewer = match viewer {
            IpAddr::V4(viewer) => Some(viewer),
            IpAddr::V6(viewer) => viewer.to_ipv4_mapped(),
        };
        viewer.is_some_and(|viewer| (viewer.to_bits() ^ self.address.to_bits()) & self.mask() == 0)
    }

    fn mask(self) -> u32 {
        // A shift by all 32 bits is no shift to the processor, so `/0` needs the checked form.
        u32::MAX.checked_shl(32 - self.prefix).unwrap_or(0)
    }
}

impl fmt::Display for SourceIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}
