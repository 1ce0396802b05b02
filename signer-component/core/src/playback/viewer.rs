//! Who asks, and on which device.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::{Denial, Id};
use crate::{bytes::hex, error::InvalidField};

/// What a viewer's token says they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Somebody who watches.
    Standard,
    /// Somebody who may act for any user.
    Admin,
    /// Somebody who makes what is watched.
    ContentCreator,
}

/// Who asks, as the host authenticated them.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The subject of the verified token.
    pub subject: String,
    /// The user in whose name is asked.
    pub user: String,
    /// Roles of the verified token.
    pub roles: Vec<Role>,
    /// Where the request came from.
    pub source_ip: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
}

/// A viewer whose claims hold together.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(super) user: Id,
    pub(super) roles: Vec<Role>,
    pub(super) address: IpAddr,
    device: String,
}

impl Caller {
    /// Checks that the viewer acts for themselves or is an admin, and that the request came from somewhere.
    pub fn new(viewer: &Viewer) -> Result<Self, Denial> {
        let user = Id::new("user", &viewer.user)?;
        if viewer.subject != viewer.user && !viewer.roles.contains(&Role::Admin) {
            return Err(Denial::ForbiddenRole("only an Admin may act for another user".to_owned()));
        }
        let address = address(viewer.source_ip.as_deref())?;
        let device = fingerprint(user.as_str(), address, viewer.user_agent.as_deref());
        Ok(Self { user, roles: viewer.roles.clone(), address, device })
    }

    /// The user in whose name is asked.
    pub fn user(&self) -> &str {
        self.user.as_str()
    }

    /// The device fingerprint.
    pub fn device(&self) -> &str {
        &self.device
    }
}

/// Where a request came from.
pub(super) fn address(source_ip: Option<&str>) -> Result<IpAddr, InvalidField> {
    let address = source_ip
        .ok_or("is missing")
        .and_then(|text| text.parse::<IpAddr>().map_err(|_| "must be an IP address"));
    Ok(address.map_err(|rule| InvalidField::new("source-ip", rule))?.to_canonical())
}

/// The address in a statement, if it is to be bound to it.
pub(super) fn address_to_bind(
    bind_ip: bool,
    address: IpAddr,
) -> Result<Option<String>, InvalidField> {
    match (bind_ip, address) {
        (false, _) => Ok(None),
        (true, IpAddr::V4(address)) => Ok(Some(address.to_string())),
        (true, IpAddr::V6(_)) => {
            let rule = "is IPv6, which CloudFront cannot bind a signature to; this installation binds them";
            Err(InvalidField::new("source-ip", rule))
        }
    }
}

/// Hex SHA-256 of `user:address:agent`, or of `user:address` when there is no user agent.
fn fingerprint(user: &str, address: IpAddr, user_agent: Option<&str>) -> String {
    let mut text = format!("{user}:{address}");
    if let Some(agent) = user_agent.filter(|agent| !agent.is_empty()) {
        text.push(':');
        text.push_str(agent);
    }
    hex(&Sha256::digest(text))
}
