//! Reads where things are: templates of object keys, and the URL the host is reached by.

use super::{document::Document, read::is_domain};
use crate::cloudfront::authority::without_own_port;

/// Reads a template of object keys with `{series}` and `{episode}` in it.
pub(super) fn template(document: &mut Document, key: &str) -> Option<String> {
    let path = document.text(key)?;
    let once = |placeholder: &str| path.matches(placeholder).count() == 1;
    let both = |segment: &str| segment.contains("{series}") && segment.contains("{episode}");
    let bare = filled(&path, "s", "e");
    if !once("{series}") || !once("{episode}") {
        document.wrong(key, "must hold {series} and {episode} once each");
    } else if path.split('/').any(both) {
        // `a-{series}-{episode}` would make one key of two different pairs.
        document.wrong(key, "must not hold {series} and {episode} in one segment");
    } else if !bare.split('/').all(|segment| super::Id::new("", segment).is_ok()) {
        let rule = "must be segments of A-Z a-z 0-9 . _ ~ - without a slash at either end";
        document.wrong(key, rule);
    }
    Some(path)
}

/// The object key a template stands for.
pub(super) fn filled(template: &str, series: &str, episode: &str) -> String {
    template.replace("{series}", series).replace("{episode}", episode)
}

/// Reads `gateway-url`. What is answered has no slash at its end, so that paths can follow.
pub(super) fn gateway_url(document: &mut Document) -> Option<String> {
    let text = document.text("gateway-url")?;
    let url = text.strip_suffix('/').unwrap_or(&text);
    let parts = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
    let right = parts.is_some_and(|(scheme, rest)| {
        let (domain, path) =
            rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
        let plain = |segment: &str| super::Id::new("", segment).is_ok();
        is_domain(domain)
            && without_own_port(scheme, domain) == domain
            && path.is_none_or(|path| path.split('/').all(plain))
    });
    if !right {
        let rule = "must be http:// or https://, a lower-case host, a port if it is not the scheme's own, \
                    and a plain path if need be";
        document.wrong("gateway-url", rule);
    }
    Some(url.to_owned())
}
