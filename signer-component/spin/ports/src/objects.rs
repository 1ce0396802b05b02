//! Whether an object is there: HTTP HEAD below the base URL, asked by Spin.

use spin_sdk::wasip3::http::{
    client,
    types::{ErrorCode, Method},
};

use crate::{
    address::{Base, Finding, can_exist},
    failure::Failure,
    outbound, variables,
};

/// Asks for one object.
pub(crate) async fn exists(key: &str) -> Result<bool, Failure> {
    let url = variables::get_one(&["objects_url"]).await?;
    let url = url.ok_or_else(|| Failure::missing("objects_url"))?;
    let base = Base::parse(&url)
        .map_err(|rule| Failure::of_setup(format!("the Spin variable objects_url {rule}")))?;
    match can_exist(key) {
        Some(true) => {}
        Some(false) => return Ok(false),
        None => return Err(Failure::denied("the key has NUL or a dot segment in it")),
    }
    let path = base.path_of(key);
    let request = outbound::request(&Method::Head, base.secure, &base.authority, &path, &[]);
    let request = request.ok_or_else(|| {
        Failure::of_setup("the Spin variable objects_url cannot be the URL of a request")
    })?;
    let response = client::send(request).await.map_err(|error| unreachable_at(&base, &error))?;
    let status = response.get_status_code();
    match Finding::of_status(status) {
        Finding::There => Ok(true),
        Finding::Missing => Ok(false),
        Finding::Denied => Err(Failure::denied(format!(
            "{} answered 403: let this application read there; a missing object must be 404",
            base.origin()
        ))),
        Finding::Nothing => {
            Err(Failure::unavailable(format!("{} answered {status}", base.origin())))
        }
    }
}

fn unreachable_at(base: &Base, error: &ErrorCode) -> Failure {
    let origin = base.origin();
    match error {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            Failure::denied(format!("add {origin} to allowed_outbound_hosts"))
        }
        // What Spin answers a dependency that inherits no hosts.
        ErrorCode::InternalError(Some(text)) if text.contains("not permitted") => Failure::denied(
            "add `allowed_outbound_hosts` to what the dependency tollgate:gate inherits",
        ),
        error => Failure::unavailable(format!("{origin} cannot be reached: {error:?}")),
    }
}
