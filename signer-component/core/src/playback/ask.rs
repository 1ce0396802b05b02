//! What is asked for, checked as far as it can be before any port is asked.

use std::net::IpAddr;

use super::{Caller, Delivery, Denial, Id, Policy, Viewer, paths::filled};
use crate::error::InvalidField;

/// An episode, and the address it is asked for from.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub(super) series: Id,
    pub(super) episode: Id,
    pub(super) address: IpAddr,
    pub(super) hls_key: String,
    pub(super) dash_key: Option<String>,
}

impl Wanted {
    pub(super) fn new(policy: &Policy, (series, episode): (Id, Id), address: IpAddr) -> Self {
        let key = |template: &str| filled(template, series.as_str(), episode.as_str());
        let (hls_key, dash_key) = (key(&policy.hls_path), policy.dash_path.as_deref().map(key));
        Self { series, episode, address, hls_key, dash_key }
    }

    /// The series asked for.
    pub fn series(&self) -> &str {
        self.series.as_str()
    }

    /// The episode asked for.
    pub fn episode(&self) -> &str {
        self.episode.as_str()
    }

    /// Where the HLS playlist is, if there is one.
    pub fn hls_key(&self) -> &str {
        &self.hls_key
    }

    /// Where the DASH manifest is, if the policy says where to look and there is one.
    pub fn dash_key(&self) -> Option<&str> {
        self.dash_key.as_deref()
    }
}

/// A request that is well-formed and allowed by role.
#[derive(Clone, Debug)]
pub struct Ask {
    pub(super) caller: Caller,
    pub(super) wanted: Wanted,
    pub(super) delivery: Delivery,
    links: bool,
}

impl Ask {
    /// Checks what can be checked before any port is asked.
    pub fn new(
        policy: &Policy,
        viewer: &Viewer,
        series: &str,
        episode: &str,
        delivery: Option<Delivery>,
    ) -> Result<Self, Denial> {
        // Identifiers first: who writes them wrongly shall read of nothing else.
        let ids = (Id::new("series", series)?, Id::new("episode", episode)?);
        let caller = Caller::new(viewer)?;
        if !caller.roles.iter().any(|role| policy.roles.contains(role)) {
            return Err(Denial::ForbiddenRole("none of the viewer's roles may watch".to_owned()));
        }
        let delivery = delivery.unwrap_or(policy.delivery);
        policy.check_delivery(delivery)?;
        let wanted = Wanted::new(policy, ids, caller.address);
        let links = match delivery {
            Delivery::Url => false,
            Delivery::Cookies => policy.gateway_url.is_some(),
            Delivery::Playlist => true,
        };
        Ok(Self { caller, wanted, delivery, links })
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What is asked for.
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Whether the grant has a link in it, which is signed for the lease it belongs to.
    pub fn has_link(&self) -> bool {
        self.links
    }
}

impl Policy {
    pub(super) fn check_delivery(&self, delivery: Delivery) -> Result<(), Denial> {
        let refuse = |rule: &'static str| Err(InvalidField::new("delivery", rule).into());
        if delivery != self.delivery && !self.delivery_override {
            return refuse("is fixed by the policy");
        }
        if delivery == Delivery::Playlist && self.gateway_url.is_none() {
            return refuse("by playlist is not offered here: policy.gateway-url is not set");
        }
        Ok(())
    }
}
