//! Hosts and ports: one grammar for what is signed, what is judged and what a policy names.

/// What stands before the first `://`, and what after it. A search for the colon alone takes half as long as for all three.
pub(crate) fn split_scheme(url: &str) -> Option<(&str, &str)> {
    url.match_indices(':')
        .find_map(|(at, _)| Some((url.get(..at)?, url.get(at + 1..)?.strip_prefix("//")?)))
}

/// The host of a URL without the port that is its protocol's own, which no request carries.
pub(crate) fn without_own_port<'a>(scheme: &str, authority: &'a str) -> &'a str {
    let port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return authority,
    };
    authority.strip_suffix(port).unwrap_or(authority)
}

/// Whether a text can be a name or an address, of which a port may be a part.
pub(crate) fn is_host(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// Whether a text is a port as it is written: 1 to 65535, without a sign or leading zeros.
pub(crate) fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|number| number != 0 && number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::split_scheme;

    #[test]
    fn a_scheme_ends_at_the_first_colon_with_two_slashes() {
        for text in
            ["https://a/b", "a:b://c://d", "://", ":", "", "a", "a:/b", "a:b", "a:://b", "é://ü"]
        {
            assert_eq!(split_scheme(text), text.split_once("://"), "{text}");
        }
    }
}
