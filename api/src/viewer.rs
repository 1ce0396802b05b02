//! What a verified token says about who watches, and in whose name.

use std::net::IpAddr;

use crate::field::Id;
use crate::token::Claims;

/// What a viewer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Somebody who watches.
    Standard,
    /// Somebody who may act for any user.
    Admin,
    /// Somebody who makes what is watched.
    ContentCreator,
}

impl Role {
    /// The role of this name. Case counts; names of other systems are `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "Standard" => Some(Self::Standard),
            "Admin" => Some(Self::Admin),
            "ContentCreator" => Some(Self::ContentCreator),
            _ => None,
        }
    }

    /// The name as tokens and policies write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Admin => "Admin",
            Self::ContentCreator => "ContentCreator",
        }
    }
}

/// Somebody who asks, authenticated and entitled to ask in the name of `user`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The subject of the verified token.
    pub subject: String,
    /// In whose name is asked.
    pub user: Id,
    /// The known roles, each once.
    pub roles: Vec<Role>,
    /// Where the request came from.
    pub source_ip: IpAddr,
    /// The player as it names itself.
    pub user_agent: Option<String>,
}

impl Viewer {
    /// Lets the bearer of `claims` ask in the name of `user`, or says which rule forbids it.
    pub fn new(
        claims: Claims,
        user: Id,
        source_ip: IpAddr,
        user_agent: Option<String>,
    ) -> Result<Self, Forbidden> {
        permit(&claims, &user)?;
        Ok(Self { subject: claims.sub, user, roles: claims.roles, source_ip, user_agent })
    }
}

/// Whether the bearer of `claims` may ask in the name of `user` at all.
pub fn permit(claims: &Claims, user: &Id) -> Result<(), Forbidden> {
    if claims.roles.is_empty() {
        return Err(Forbidden::NoKnownRole);
    }
    if claims.sub != user.as_str() && !claims.roles.contains(&Role::Admin) {
        return Err(Forbidden::OtherUser);
    }
    Ok(())
}

/// Which rule forbids a viewer with a valid token to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// The token carries none of the roles that count here.
    #[error("the token carries none of the roles Standard, Admin and ContentCreator")]
    NoKnownRole,
    /// Only admins ask for others.
    #[error("the token belongs to another user, and only an Admin may ask for others")]
    OtherUser,
}

#[cfg(test)]
mod tests {
    use super::{Forbidden, Role, permit};
    use crate::field::Id;
    use crate::token::Claims;

    #[test]
    fn only_admins_ask_for_others() {
        use Role::{Admin, ContentCreator, Standard};
        for (sub, roles, expected) in [
            ("u1", vec![Standard], Ok(())),
            ("u1", vec![ContentCreator], Ok(())),
            ("u1", vec![], Err(Forbidden::NoKnownRole)),
            ("u2", vec![], Err(Forbidden::NoKnownRole)),
            ("u2", vec![Standard, ContentCreator], Err(Forbidden::OtherUser)),
            ("U1", vec![Standard], Err(Forbidden::OtherUser)),
            ("u2", vec![Standard, Admin], Ok(())),
        ] {
            let claims = Claims { sub: sub.to_owned(), roles, exp: 0, not_before: 0 };
            assert_eq!(permit(&claims, &Id::parse("userId", "u1").unwrap()), expected, "{sub}");
        }
    }

    #[test]
    fn names_of_roles_read_back() {
        for role in [Role::Standard, Role::Admin, Role::ContentCreator] {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        for other in ["", "admin", "ADMIN", "Admin ", "Creator"] {
            assert_eq!(Role::from_name(other), None, "{other:?}");
        }
    }
}
