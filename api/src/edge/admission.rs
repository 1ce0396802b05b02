//! The checks before any object is asked for, in the order in which every edge makes them.

use bytes::Bytes;
use http::{Method, Response, request::Parts};

use super::{
    denial::{self, DenialCode},
    normal::normal,
    wire::{Site, WireError, WireUrl},
};

/// What holds for the paths of one pattern.
pub trait Behavior {
    /// Whether it decides about this path, which is in its normal form.
    fn matches(&self, path: &str) -> bool;
}

/// A request that may be answered by its object, or with what can be asked if it is `OPTIONS`.
#[derive(Debug)]
pub struct Admitted<'b, B> {
    /// As it came, with its signature.
    pub url: WireUrl,
    /// Who decided.
    pub behavior: &'b B,
}

/// A request that is not served.
#[derive(Debug)]
pub struct Refusal<'b, B> {
    /// What it is answered.
    pub response: Response<Bytes>,
    /// Who decided; `None` if it did not come so far.
    pub behavior: Option<&'b B>,
    /// Why its signature does not hold; `None` if something else is wrong.
    pub unverified: Option<Unverified>,
}

/// Why a signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// What CloudFront says.
    pub code: DenialCode,
    /// Stable, finer slug, for example `expired`.
    pub reason: String,
}

impl Unverified {
    /// For whatever keeps an edge from judging: everything that is not a clear yes is a no.
    pub fn closed(reason: &str) -> Self {
        Self { code: DenialCode::AccessDenied, reason: reason.to_owned() }
    }
}

/// Admits a request, or says what it is answered instead. The first of `behaviors` that matches decides, and
/// `verify` says whether the signature holds where the behaviour wants one. With `explain`, denials say why.
///
/// # Errors
/// In this order: 413 and 400 for a request without a URL that could be served, 403 without a behaviour, 405 for a
/// method that changes things, 403 for a signature that does not hold.
pub fn admit<'b, B: Behavior>(
    head: &Parts,
    site: &Site<'_>,
    behaviors: &'b [B],
    explain: bool,
    verify: impl FnOnce(&'b B, &WireUrl) -> Result<(), Unverified>,
) -> Result<Admitted<'b, B>, Box<Refusal<'b, B>>> {
    let refuse = |behavior, response| Box::new(Refusal { response, behavior, unverified: None });
    let url = WireUrl::of(head, site).map_err(|error| {
        let response = match error {
            WireError::TooLarge => denial::too_large(),
            WireError::NoHost => denial::invalid("The request names no host"),
            WireError::NoPath => denial::invalid("The request names no path"),
        };
        refuse(None, response)
    })?;
    let path = normal(url.path());
    let Some(behavior) = behaviors.iter().find(|one| one.matches(&path)) else {
        // Behaviours without a last resort are refused, so this does not happen; if it did, it must not be open.
        return Err(refuse(None, denial::forbidden(DenialCode::AccessDenied, None)));
    };
    if ![Method::GET, Method::HEAD, Method::OPTIONS].contains(&head.method) {
        return Err(refuse(Some(behavior), denial::method_not_allowed()));
    }
    if let Err(unverified) = verify(behavior, &url) {
        let explained = explain.then_some(unverified.reason.as_str());
        let response = denial::forbidden(unverified.code, explained);
        let behavior = Some(behavior);
        return Err(Box::new(Refusal { response, behavior, unverified: Some(unverified) }));
    }
    Ok(Admitted { url, behavior })
}

#[cfg(test)]
mod tests {
    use http::{Request, StatusCode};

    use super::*;
    use crate::edge::PathPattern;

    /// The second one wants a signature.
    struct Row(PathPattern, bool);

    impl Behavior for Row {
        fn matches(&self, path: &str) -> bool {
            self.0.matches(path)
        }
    }

    fn answer(method: &str, target: &str, host: &str) -> (u16, Option<String>) {
        let row = |pattern, signed| Row(PathPattern::parse(pattern).unwrap(), signed);
        let rows = [row("/public/*", false), row("*", true)];
        let request = Request::builder().method(method).uri(target).header("host", host);
        let (head, ()) = request.body(()).unwrap().into_parts();
        let site = Site { scheme: "http", domain: None };
        let verify = |row: &Row, url: &WireUrl| match row.1 && !url.target().ends_with("?good") {
            true => Err(Unverified { code: DenialCode::MissingKey, reason: "none".to_owned() }),
            false => Ok(()),
        };
        match admit(&head, &site, &rows, true, verify) {
            Ok(admitted) => {
                assert_eq!(admitted.url.target(), target);
                (200, None)
            }
            Err(refusal) => {
                let reason = refusal.response.headers().get(denial::REASON);
                let reason = reason.map(|reason| reason.to_str().unwrap().to_owned());
                assert_eq!(reason, refusal.unverified.map(|unverified| unverified.reason));
                (refusal.response.status().as_u16(), reason)
            }
        }
    }

    #[test]
    fn every_check_has_its_place() {
        let none = Some("none".to_owned());
        let long = format!("/{}", "a".repeat(9000));
        for (method, target, host, expected) in [
            ("GET", "/public/a", "h", (200, None)),
            ("GET", "/a", "h", (403, none.clone())),
            ("HEAD", "/a?good", "h", (200, None)),
            ("OPTIONS", "/a", "h", (403, none.clone())),
            ("OPTIONS", "/a?good", "h", (200, None)),
            // Which path it is, is the normal form's to say.
            ("GET", "/public/../a", "h", (403, none.clone())),
            ("GET", "/%70ublic//a", "h", (200, None)),
            // What is wrong with the request comes first, then the method, then the signature.
            ("POST", &long, "a/b", (400, None)),
            ("POST", &long, "h", (413, None)),
            ("POST", "/a", "h", (405, None)),
            ("POST", "/public/a", "h", (405, None)),
            ("GET", "*", "h", (400, None)),
        ] {
            assert_eq!(answer(method, target, host), expected, "{method} {target:.20} {host}");
        }
    }

    #[test]
    fn without_a_behaviour_nothing_is_open() {
        let (head, ()) = Request::builder().uri("http://h/a").body(()).unwrap().into_parts();
        let site = Site { scheme: "http", domain: None };
        let none: [Row; 0] = [];
        let refusal = admit(&head, &site, &none, false, |_, _| Ok(())).err().unwrap();
        assert_eq!(refusal.response.status(), StatusCode::FORBIDDEN);
        assert!(refusal.behavior.is_none() && refusal.unverified.is_none());
    }
}
