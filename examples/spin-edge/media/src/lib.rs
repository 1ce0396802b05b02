//! The component `media.wasm`: serves the files of a folder that is mounted at `/media`. It knows nothing of
//! signatures; the middleware in front of it does.

mod file;
mod folder;

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use spin_sdk::{
    http::{BoxBody, EmptyBody, FullBody, Request, box_body},
    http_service,
};
use tollgate_api::edge::{
    conditional::{self, Part},
    denial, path,
};

use file::OpenFile;

#[http_service]
async fn handle(request: Request) -> Response<BoxBody> {
    let (head, _) = request.into_parts();
    let mut response = answer(&head).await;
    if head.method == Method::HEAD {
        *response.body_mut() = box_body(EmptyBody::new());
    }
    response
}

async fn answer(head: &Parts) -> Response<BoxBody> {
    if ![Method::GET, Method::HEAD].contains(&head.method) {
        return refusal(denial::method_not_allowed());
    }
    // A path that could lead anywhere else has no names.
    let Some(names) = path::segments(head.uri.path()) else {
        return refusal(denial::missing());
    };
    let file = match folder::open(&names).await {
        Ok(Some(file)) => file,
        Ok(None) => return refusal(denial::missing()),
        Err(()) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return refusal(denial::error(status, "InternalError", "The file cannot be read"));
        }
    };
    part(head, file)
}

fn part(head: &Parts, file: OpenFile) -> Response<BoxBody> {
    let length = file.length;
    let mut headers: HeaderMap = file.describe();
    let asked = conditional::part(&head.method, &head.headers, &headers, length);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let (status, range) = match asked {
        Part::NotModified => {
            headers.remove(header::CONTENT_TYPE);
            return with(StatusCode::NOT_MODIFIED, headers, box_body(EmptyBody::new()));
        }
        Part::Unsatisfiable => return refusal(denial::unsatisfiable(length)),
        Part::Whole => (StatusCode::OK, 0..length),
        Part::Range(range) => {
            let text = format!("bytes {}-{}/{length}", range.start, range.end.saturating_sub(1));
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header::CONTENT_RANGE, value);
            }
            (StatusCode::PARTIAL_CONTENT, range)
        }
    };
    // Said here as well as known from the body: the answer to HEAD has no body to count.
    headers.insert(header::CONTENT_LENGTH, range.end.saturating_sub(range.start).into());
    let body =
        if head.method == Method::HEAD { box_body(EmptyBody::new()) } else { file.read(range) };
    with(status, headers, body)
}

fn with(status: StatusCode, headers: HeaderMap, body: BoxBody) -> Response<BoxBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The edge's words without its name: this is what stands behind one.
fn refusal(response: Response<bytes::Bytes>) -> Response<BoxBody> {
    let mut response = response.map(|bytes| box_body(FullBody::new(bytes)));
    response.headers_mut().remove(header::SERVER);
    response.headers_mut().remove(denial::X_CACHE);
    response
}
