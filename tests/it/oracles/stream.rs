//! What ffmpeg, a player we did not write, gets out of the demo: pictures and sound, or nothing.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

/// `tollgate demo` while it lives.
struct Demo {
    process: Child,
    gateway: String,
    token: String,
}

impl Demo {
    fn start() -> Self {
        // Beside the folder of this test; `cargo test` of the workspace builds both.
        let test = std::env::current_exe().unwrap();
        let program: PathBuf = test.parent().unwrap().parent().unwrap().join("tollgate");
        let mut process = Command::new(&program)
            .args(["demo", "--port", "0", "--edge-port", "0", "--log", "error"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; build tollgate first", program.display()));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let gateway = lines.find_map(|line| {
            Some(line.trim_start().strip_prefix("gateway  ")?.split(' ').next()?.to_owned())
        });
        let token = lines.find(|line| line.starts_with("eyJ")).expect("a token");
        // Somebody has to read the rest, or the demo would wait for it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, gateway: gateway.expect("an address"), token }
    }

    /// Head and body of the answer to a request for an episode.
    fn ask(&self, episode: &str, query: &str) -> (String, Value) {
        let path = format!("users/alice/series/series-1/episodes/{episode}/signed-urls{query}");
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--include", "--header"])
            .arg(format!("Authorization: Bearer {}", self.token))
            .arg(format!("{}/{path}", self.gateway))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Asked to stop, so that it takes its folder with it.
        let id = self.process.id().to_string();
        let _ = Command::new("sh").args(["-c", "kill \"$0\"", &id]).status();
        let _ = self.process.wait();
    }
}

/// The kinds of streams at a URL, or what ffprobe complains of.
fn probe(url: &str, cookies: &str) -> Result<Vec<String>, String> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0"]);
    let output = with_cookies(command, cookies).arg(url).output().unwrap();
    if !output.status.success() {
        return Err(text(&output.stderr));
    }
    let mut codecs: Vec<String> =
        text(&output.stdout).split_whitespace().map(str::to_owned).collect();
    codecs.sort();
    codecs.dedup();
    Ok(codecs)
}

/// Plays all of it into the void, every rendition; what ffmpeg complains of.
fn play(url: &str, cookies: &str) -> Output {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-xerror"]);
    with_cookies(command, cookies)
        .args(["-i", url, "-map", "0", "-f", "null", "-"])
        .output()
        .unwrap()
}

fn with_cookies(mut command: Command, cookies: &str) -> Command {
    if !cookies.is_empty() {
        command.args(["-headers", &format!("Cookie: {cookies}\r\n")]);
    }
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn ffmpeg_plays_what_was_granted_and_nothing_else() {
    let demo = Demo::start();
    let (head, grant) = demo.ask("ep1", "?delivery=cookies");
    let cookies: Vec<&str> = head
        .lines()
        .filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next())
        .collect();
    let (cookies, playlist) = (cookies.join("; "), grant["videoUrl"].as_str().unwrap());
    assert_eq!(probe(playlist, &cookies), Ok(vec!["aac".to_owned(), "h264".to_owned()]));
    let played = play(playlist, &cookies);
    assert!(played.status.success() && played.stderr.is_empty(), "{}", text(&played.stderr));

    let refused = probe(playlist, "").unwrap_err();
    assert!(refused.contains("403"), "{refused}");

    // The raw video is asked for in ranges, each of which is judged by itself.
    let (_, grant) = demo.ask("ep2", "");
    let video = grant["videoUrl"].as_str().unwrap();
    assert_eq!(probe(video, ""), Ok(vec!["aac".to_owned(), "h264".to_owned()]));
    let played = play(video, "");
    assert!(played.status.success() && played.stderr.is_empty(), "{}", text(&played.stderr));
    let tampered = video.replace("Expires=1", "Expires=2");
    assert_ne!(tampered, video);
    assert!(probe(&tampered, "").unwrap_err().contains("403"));
}
