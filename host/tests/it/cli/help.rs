//! What every command says of itself.

use super::process::{command, run, tollgate};

/// Every command, and the commands below it.
pub const COMMANDS: [&str; 20] = [
    "demo",
    "serve",
    "doctor",
    "edge",
    "sign",
    "sign-cookies",
    "verify",
    "keygen",
    "keys",
    "keys rotate",
    "keys status",
    "token",
    "grant",
    "revoke",
    "entitlements",
    "episode",
    "episode put",
    "episode remove",
    "episode list",
    "sessions",
];

/// What `--help` of a command prints.
pub fn help(name: &str) -> String {
    let mut command = command(&std::env::temp_dir());
    // A terminal as narrow as they usually are: whatever is wider breaks in two when it is pasted.
    let outcome = run(command.args(name.split(' ')).arg("--help").env("COLUMNS", "80"));
    assert!(outcome.err.is_empty(), "{outcome}");
    outcome.done().to_owned()
}

#[test]
fn every_command_is_listed_and_has_an_example() {
    let whole = tollgate(&std::env::temp_dir(), &["--help"]);
    let listed: Vec<&str> = whole
        .done()
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // Longer descriptions go on in lines that are indented further.
        .filter(|line| !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap())
        .filter(|name| *name != "help")
        .collect();
    let known: Vec<&str> = COMMANDS.into_iter().filter(|name| !name.contains(' ')).collect();
    assert_eq!(listed, known);
    for name in COMMANDS {
        let text = help(name);
        let (_, examples) = text.split_once("Example:\n").unwrap_or_else(|| panic!("{text}"));
        assert!(examples.contains(&format!("tollgate {name}")), "{text}");
    }
}

#[test]
fn the_exit_codes_are_explained() {
    let text = tollgate(&std::env::temp_dir(), &["--help"]);
    let (_, codes) = text.done().split_once("Exit codes:\n").expect("they are there");
    for (line, start) in codes.lines().zip(["  0  done", "  1  it could not", "  2  the command"]) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(help("verify").contains("Exit code 0 if it would be allowed, 1 if denied, 2 if"));
}

#[test]
fn the_version_is_the_packages() {
    for flag in ["--version", "-V"] {
        let outcome = tollgate(&std::env::temp_dir(), &[flag]);
        assert_eq!(outcome.done(), concat!("tollgate ", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn no_command_and_unknown_ones_are_answered_with_help() {
    tollgate::<&str>(&std::env::temp_dir(), &[]).refused(&["Usage: tollgate <COMMAND>"]);
    for (arguments, says) in [
        (vec![""], "unrecognized subcommand ''"),
        (vec!["srve"], "'serve'"),
        (vec!["serve", "--chek"], "'--check'"),
        (vec!["episode"], "Usage: tollgate episode <COMMAND>"),
        (vec!["serve", "extra"], "unexpected argument 'extra'"),
    ] {
        tollgate(&std::env::temp_dir(), &arguments).refused(&[says]);
    }
}
