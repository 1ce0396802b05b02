//! Requests without a body, for what both guests ask of other servers. Spin follows no redirect.

use spin_sdk::wasip3::{
    http::types::{Fields, Method, Request, Scheme},
    wit_future,
};

/// A request. `None` if a part of it cannot stand in one.
pub(crate) fn request(
    method: &Method,
    secure: bool,
    authority: &str,
    path_and_query: &str,
    headers: &[(&str, &str)],
) -> Option<Request> {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect();
    let fields = Fields::from_list(&headers).ok()?;
    let (_, no_trailers) = wit_future::new(|| Ok(None));
    // Without contents there is no body at all, not even an empty one in chunks, which some stores refuse.
    let (request, _sent) = Request::new(fields, None, no_trailers, None);
    request.set_method(method).ok()?;
    request.set_scheme(Some(if secure { &Scheme::Https } else { &Scheme::Http })).ok()?;
    request.set_authority(Some(authority)).ok()?;
    request.set_path_with_query(Some(path_and_query)).ok()?;
    Some(request)
}
