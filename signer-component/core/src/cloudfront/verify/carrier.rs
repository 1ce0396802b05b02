//! Where the signature travels: in the query or in cookies, never in a mixture of both.

use super::{
    EdgeRequest,
    request::{RequestUrl, reserved_name},
};
use crate::cloudfront::encoding::RESERVED;

/// What cookies put in front of the names in [`RESERVED`].
const COOKIE_PREFIX: &str = "CloudFront-";

/// The signing parameters of a request, raw.
pub(super) struct Carrier<'a> {
    /// `url` or `cookies`; `None` for an unsigned request.
    pub(super) name: Option<&'static str>,
    /// The first name that is there twice.
    pub(super) duplicate: Option<&'static str>,
    /// Values in the order of [`RESERVED`].
    values: [Option<&'a str>; RESERVED.len()],
}

impl<'a> Carrier<'a> {
    /// Finds the parameters. One reserved name in the query is enough for the cookies not to be looked at.
    pub(super) fn of(url: &RequestUrl<'a>, request: &EdgeRequest<'a>) -> Self {
        let mut carrier = Self { name: None, duplicate: None, values: [None; RESERVED.len()] };
        for parameter in url.query.unwrap_or_default().split('&') {
            if let Some(name) = reserved_name(parameter) {
                let value = parameter.split_once('=').map_or("", |(_, value)| value);
                carrier.add("url", name, value);
            }
        }
        if carrier.name.is_some() {
            return carrier;
        }
        for cookie in request.cookies.iter().flat_map(|header| header.split(';')) {
            let Some((name, value)) = cookie.split_once('=') else { continue };
            let Some(name) = name.trim_matches([' ', '\t']).strip_prefix(COOKIE_PREFIX) else {
                continue;
            };
            if let Some(name) = RESERVED.into_iter().find(|reserved| *reserved == name) {
                carrier.add("cookies", name, value.trim_matches([' ', '\t']));
            }
        }
        carrier
    }

    /// Keeps the first value of a name: among cookies that is the one with the most specific path.
    fn add(&mut self, carrier: &'static str, name: &'static str, value: &'a str) {
        self.name = Some(carrier);
        match RESERVED.iter().zip(&mut self.values).find(|(reserved, _)| **reserved == name) {
            Some((_, first @ None)) => *first = Some(value),
            _ => self.duplicate = self.duplicate.or(Some(name)),
        }
    }

    /// The raw value of one of [`RESERVED`].
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        let place = RESERVED.iter().position(|reserved| *reserved == name)?;
        self.values.get(place).copied().flatten()
    }

    /// How people know a parameter: `Policy`, or `CloudFront-Policy` as a cookie.
    pub(super) fn label(&self, name: &str) -> String {
        if self.name == Some("cookies") {
            format!("{COOKIE_PREFIX}{name}")
        } else {
            name.to_owned()
        }
    }
}
