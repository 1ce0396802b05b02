//! The application: who asks for a file gets a signed URL of it, and an origin can ask whether one holds.

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use axum::{
    Json, Router,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tollgate::{
    SignerError, SigningKey, Verifier,
    signing::{EdgeRequest, Hash, Terms, Verdict},
};

/// How long a URL holds, in seconds.
const TTL: u64 = 900;

/// What every request is answered with.
#[derive(Clone)]
pub struct Application {
    /// Signs.
    pub key: SigningKey,
    /// Judges what was signed.
    pub verifier: Verifier,
    /// The distribution, as `https://media.example.com`.
    pub site: Arc<str>,
}

/// The routes. They need the peer's address: serve them with `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn routes(application: Application) -> Router {
    Router::new()
        .route("/files/{*path}", get(sign))
        .route("/verify", post(verify))
        .with_state(application)
}

#[derive(Serialize)]
struct Signed {
    url: String,
    #[serde(rename = "expiresAt")]
    expires_at: u64,
}

/// A signed URL for a file. Whether this user may have it is what a real application asks first, or asks a gate.
async fn sign(
    State(application): State<Application>,
    Path(path): Path<String>,
) -> Result<Response, Problem> {
    if !is_plain(&path) {
        return Err(Problem::Invalid(RULE.to_owned()));
    }
    let expires_at = now()? + TTL;
    let terms = Terms {
        expires_at,
        not_before: None,
        ip_address: None,
        resource: None,
        allow_wildcard_domain: false,
        hash: Hash::Sha256,
        now: Some(expires_at - TTL),
    };
    let url = format!("{}/{path}", application.site);
    // RSA takes milliseconds, which nobody else on this thread shall wait for.
    let signed = tokio::task::spawn_blocking(move || application.key.sign_url(&url, &terms));
    let url = signed.await.map_err(|_| Problem::Failed)??;
    // A signed URL is a right to watch: no cache keeps it.
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Signed { url, expires_at })).into_response())
}

/// What is said about a path that is not plain.
const RULE: &str =
    "path: takes segments of letters, digits, `.`, `_`, `~` and `-`, none of them `.` or `..`";

/// Whether a path means one file. It comes percent-decoded: a `*` in it would make the signature one for many files, a
/// `?` would cut it short, and dots would lead to another one.
fn is_plain(path: &str) -> bool {
    let is_name = |segment: &str| {
        let of_alphabet =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-');
        !matches!(segment, "" | "." | "..") && segment.bytes().all(of_alphabet)
    };
    path.split('/').all(is_name)
}

#[derive(Deserialize)]
struct Asked {
    url: String,
}

#[derive(Serialize)]
struct Judged {
    allow: bool,
    reason: Option<String>,
}

/// Whether a signed URL, or an unsigned one with the cookies of this request, holds for whoever asks.
async fn verify(
    State(application): State<Application>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Result<Json<Judged>, Problem> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let request = EdgeRequest {
        url: asked.url,
        cookies: cookies.map(|value| String::from_utf8_lossy(value.as_bytes()).into()).collect(),
        client_ip: Some(peer.ip().to_string()),
        now: now()?,
    };
    let (allow, reason) = match application.verifier.verify(&request)? {
        Verdict::Allow => (true, None),
        Verdict::Deny(denied) => (false, Some(denied.reason)),
    };
    Ok(Json(Judged { allow, reason }))
}

/// Seconds since 1970. A clock before that would make every URL look valid for decades: no answer is better.
fn now() -> Result<u64, Problem> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map(|since| since.as_secs()).map_err(|_| Problem::Failed)
}

/// Why there is no answer.
enum Problem {
    /// What was asked for cannot be signed: the field, and the rule it breaks.
    Invalid(String),
    /// The component or the clock failed.
    Failed,
}

impl From<SignerError> for Problem {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Invalid(field) => {
                Self::Invalid(format!("{}: {}", field.field, field.rule))
            }
            _ => Self::Failed,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Invalid(rule) => (StatusCode::BAD_REQUEST, rule).into_response(),
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}
