//! Turns a connection away because there are too many.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::OwnedSemaphorePermit,
};

/// Says 503 and closes. Under TLS it only closes: a handshake is the work there is no place for.
pub(super) async fn refuse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    tls: bool,
    _turn: OwnedSemaphorePermit,
) {
    if tls {
        return;
    }
    let polite = async {
        stream.write_all(ANSWER.as_bytes()).await?;
        stream.shutdown().await?;
        // A connection closed with bytes unread is reset, and the answer may be lost with it.
        let mut unread = [0; 1024];
        let mut left = MOST_READ;
        while left > 0 {
            let read = stream.read(&mut unread).await?;
            if read == 0 {
                break;
            }
            left = left.saturating_sub(read);
        }
        std::io::Result::Ok(())
    };
    // Whether the peer listens to it is the peer's affair.
    let _ = tokio::time::timeout(PATIENCE, polite).await;
}

const ANSWER: &str = concat!(
    "HTTP/1.1 503 Service Unavailable\r\n",
    "content-type: application/problem+json\r\n",
    "cache-control: no-store\r\n",
    "retry-after: 5\r\n",
    "connection: close\r\n",
    "content-length: 126\r\n",
    "\r\n",
    r#"{"type":"dependency-unavailable","title":"A dependency gave no answer","status":503,"#,
    r#""detail":"there are too many connections"}"#,
);

const PATIENCE: Duration = Duration::from_secs(1);

const MOST_READ: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use tollgate_api::Slug;

    use super::*;

    #[test]
    fn the_answer_is_the_problem_it_says() {
        let (head, body) = ANSWER.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}\r\n", body.len()).trim_end().to_owned())
        );
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        let slug = Slug::DependencyUnavailable;
        assert_eq!(problem["type"], slug.as_str());
        assert_eq!(problem["title"], slug.title());
        assert_eq!(problem["status"], slug.status());
    }
}
