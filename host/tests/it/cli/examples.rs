//! Every example of every `--help`, run as it stands in a folder where its names mean something.

use super::{
    help::{COMMANDS, help},
    process::{Server, run, shell},
    site::Site,
};

/// The commands below `Example:`, each on one line, without what is said about them.
fn examples(text: &str) -> Vec<String> {
    let (_, block) = text.split_once("Example:\n").expect("an example");
    let block = block.lines().take_while(|line| !line.is_empty()).map(|line| {
        // Two columns: a command, and what it does.
        line.trim().split_once("    ").map_or(line.trim(), |(command, _)| command)
    });
    let joined = block.collect::<Vec<_>>().join("\n").replace("\\\n", "");
    joined.lines().map(str::to_owned).collect()
}

/// A site in which `$SIGNED_URL`, `$POLICY` and `$SIGNATURE` stand for what they say.
fn prepared() -> (Site, String) {
    let site = Site::with_edge();
    let signing = [
        "--url",
        "https://media.example.com/v/1/a.m3u8",
        "--key-pair-id",
        "K2JCJMDEHXQW5F",
        "--private-key",
        "cloudfront.private.pem",
        "--date-less-than",
        "2100-01-01",
        "--policy-resource",
        "https://media.example.com/v/1/*",
    ];
    let url = site.run(&[&["sign"], &signing[..]].concat());
    let cookies = site.run(&[&["sign-cookies", "--json"], &signing[..]].concat()).json();
    let variables = format!(
        "SIGNED_URL='{}'; POLICY='{}'; SIGNATURE='{}'; ",
        url.done(),
        cookies["CloudFront-Policy"].as_str().unwrap(),
        cookies["CloudFront-Signature"].as_str().unwrap(),
    );
    (site, variables)
}

#[test]
fn every_example_that_ends_by_itself_does_what_it_says() {
    let (site, variables) = prepared();
    let mut ran = 0;
    for name in COMMANDS {
        for example in examples(&help(name)) {
            // AWS is not here; the demo has tests of its own; the rest runs until it is told to stop, see below.
            let elsewhere =
                ["aws ", "tollgate keys "].iter().any(|start| example.starts_with(start))
                    || example == "tollgate demo";
            if elsewhere || running(&example).is_some() {
                continue;
            }
            // Nobody has this session, and so says the exit code.
            let expected = if example.contains(" --end ") { 1 } else { 0 };
            let mut line = shell(site.path(), &format!("{variables}{example}"));
            let outcome = run(line.env("TMPDIR", site.path()));
            assert_eq!(outcome.code, Some(expected), "{example}: {outcome}");
            ran += 1;
        }
    }
    assert!(ran >= 20, "{ran} examples ran");
}

#[test]
fn every_example_that_serves_starts_and_stops() {
    let (site, _) = prepared();
    let mut ran = 0;
    for (name, example) in
        COMMANDS.iter().flat_map(|name| examples(&help(name)).into_iter().map(move |it| (name, it)))
    {
        let Some(key) = running(&example) else { continue };
        // Nothing here listens for others, or on a port somebody else may have.
        let example = example.replace("0.0.0.0:8080", "127.0.0.1:0");
        assert!(!example.contains("0.0.0.0"), "{name}: {example}");
        let mut server = Server::start(&mut shell(site.path(), &format!("exec env {example}")));
        assert!(server.address(key).starts_with("127.0.0.1:"), "{example}");
        assert_eq!(server.stop("-TERM").code, Some(0), "{example}");
        ran += 1;
    }
    assert_eq!(ran, 3);
}

/// The key of the address that an example listens on, if it is one that serves.
fn running(example: &str) -> Option<&'static str> {
    if example.ends_with("--check") {
        None
    } else if example.contains("tollgate serve") {
        Some("gateway.listen")
    } else {
        example.starts_with("tollgate edge").then_some("edge.listen")
    }
}
