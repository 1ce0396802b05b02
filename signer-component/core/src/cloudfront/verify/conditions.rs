//! What a genuine policy demands: a time, an address, a URL.

use std::net::IpAddr;

use super::{
    Denied, EdgeRequest, Reason, SourceIp, policy::Policy, request::RequestUrl, trail::Trail,
};
use crate::cloudfront::Reading;

/// Judges the conditions. The first one that does not hold is the reason; to explain, the others
/// are judged as well, so that a person mends all of them at once.
pub(super) fn judge<T: Trail>(
    policy: &Policy,
    url: &RequestUrl<'_>,
    request: &EdgeRequest<'_>,
    strict: bool,
    trail: &mut T,
) -> Result<(), Denied> {
    let statement = &policy.statement;
    let mut verdict = Ok(());

    match statement.date_greater_than {
        None => trail.check("not-before", None, || "the policy has no start".to_owned()),
        Some(start) => {
            let outcome = not_before(start, request.now);
            verdict =
                verdict.and(trail.step("not-before", outcome, |()| format!("began at {start}")));
        }
    }
    if verdict.is_err() && !T::WANTS_EVERYTHING {
        return verdict;
    }

    let outcome = expiry(statement.date_less_than, request.now);
    verdict = verdict.and(
        trail
            .step("expiry", outcome, |seconds_left| {
                format!("{seconds_left} s left until {}", statement.date_less_than)
            })
            .map(drop),
    );
    if verdict.is_err() && !T::WANTS_EVERYTHING {
        return verdict;
    }

    match statement.source_ip {
        None => trail.check("ip", None, || "the policy is not bound to an address".to_owned()),
        Some(range) => {
            let outcome = source_ip(range, request.client_ip);
            verdict = verdict.and(
                trail.step("ip", outcome, |viewer| format!("{viewer} lies in {range}")).map(drop),
            );
        }
    }
    if verdict.is_err() && !T::WANTS_EVERYTHING {
        return verdict;
    }

    let outcome = resource(policy, url, strict);
    verdict.and(trail.step("resource", outcome, |note| (*note).to_owned()).map(drop))
}

fn not_before(start: u64, now: u64) -> Result<(), Denied> {
    if now > start {
        return Ok(());
    }
    Err(Denied::new(
        Reason::NotYetValid,
        format!("it is {now} and the signature holds only after {start}, in {} s", start - now + 1),
    ))
}

fn expiry(end: u64, now: u64) -> Result<u64, Denied> {
    if now < end {
        return Ok(end - now);
    }
    Err(Denied::new(
        Reason::Expired,
        format!(
            "it is {now} and the signature held until {end}, {} s ago; ask for a new one",
            now - end
        ),
    ))
}

fn source_ip(range: SourceIp, client_ip: Option<&str>) -> Result<IpAddr, Denied> {
    let denied = |detail| Err(Denied::new(Reason::IpMismatch, detail));
    let Some(text) = client_ip else {
        return denied(format!(
            "the signature is bound to {range} and the viewer's address is not known"
        ));
    };
    let Ok(viewer) = text.parse::<IpAddr>() else {
        return denied(format!(
            "the signature is bound to {range} and the viewer's address cannot be read"
        ));
    };
    if range.contains(viewer) {
        return Ok(viewer);
    }
    denied(if viewer.is_ipv6() {
        format!(
            "the signature is bound to {range} and the viewer came by IPv6 from {viewer}; serve bound URLs by IPv4 only"
        )
    } else {
        format!("the signature is bound to {range} and the viewer came from {viewer}")
    })
}

fn resource(policy: &Policy, url: &RequestUrl<'_>, strict: bool) -> Result<&'static str, Denied> {
    if policy.is_canned {
        return Ok("the URL itself is what was signed");
    }
    let Some(pattern) = &policy.pattern else {
        return Ok("the policy opens every file");
    };
    let reading = pattern.matches(&url.signed_part()).ok_or_else(|| {
        let rule = "it must match in protocol, domain, path and query, byte for byte";
        Denied::new(
            Reason::ResourceMismatch,
            format!(
                "the URL does not match the `Resource` that was signed, {}; {rule}",
                pattern.as_str()
            ),
        )
    })?;
    let any_http = pattern.as_str().starts_with("http*://");
    match reading {
        _ if any_http && strict => Err(Denied::new(
            Reason::ResourceReadingOpen,
            "`Resource` begins with `http*://`, which is not documented; write `*://`",
        )),
        Reading::SingleCharacter if strict => Err(Denied::new(
            Reason::ResourceReadingOpen,
            "the URL matches only if the `?` of `Resource` stands for one character, and it may start the query as well",
        )),
        Reading::SingleCharacter => {
            Ok("matches, with the `?` read as one character; it may start the query as well")
        }
        Reading::QueryDelimiter => Ok("matches, with the `?` read as the start of the query"),
        Reading::Plain if any_http => Ok("matches; `http*://` is not documented, write `*://`"),
        Reading::Plain => Ok("matches"),
    }
}
