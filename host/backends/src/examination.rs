//! What `tollgate doctor` finds out about a backend: one finding per check, with what helps.

use std::fmt;

use crate::{
    ports::{Key, PortError},
    registry::{Adapter, Commons, Configured, Port, Service},
};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, or could not be looked at, and somebody should know.
    Warn,
    /// It does not work.
    Fail,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it ended.
    pub verdict: Verdict,
    /// What was looked at: a table of the configuration, or `clock`.
    pub subject: String,
    /// What was found. Never holds a secret.
    pub text: String,
    /// What helps, unless all is well.
    pub fix: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, subject: subject.into(), text: text.into(), fix: None }
    }

    /// It works, or could not be looked at.
    pub fn warn(
        subject: impl Into<String>,
        text: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Warn, fix: Some(fix.into()), ..Self::ok(subject, text) }
    }

    /// It does not work.
    pub fn fail(
        subject: impl Into<String>,
        text: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Fail, fix: Some(fix.into()), ..Self::ok(subject, text) }
    }

    /// Something only an operator may look at gave an error. A right that is missing there is no mistake of the
    /// installation: the gateway does not have it either.
    pub fn unseen(subject: impl Into<String>, what: &str, error: &PortError) -> Self {
        let why = match error {
            PortError::AccessDenied(why) => why,
            PortError::Other(why) if why.contains("was refused") => why,
            other => return Self::of(subject, other),
        };
        let fix = "allow it to whoever runs this; the gateway does not need it";
        Self::warn(subject, format!("{what} was not checked: {why}"), fix)
    }

    /// A port gave an error.
    pub fn of(subject: impl Into<String>, error: &PortError) -> Self {
        let fix = match error {
            PortError::AccessDenied(_) => {
                "allow the action that is named to whoever runs this, or correct the name of the resource"
            }
            PortError::Unavailable(text) if text.contains("credentials") => {
                "say who asks: a role of the machine, AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret"
            }
            PortError::Unavailable(_) | PortError::Timeout => {
                "look at the network, and at `region`, `endpoint-url` or `url`; it may pass by itself"
            }
            PortError::InvalidArgument(_) | PortError::Other(_) => {
                "correct what is named, here or where it is kept"
            }
        };
        Self::fail(subject, error.to_string(), fix)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok  ",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        write!(f, "{verdict}  {}: {}", self.subject, self.text)?;
        self.fix.as_ref().map_or(Ok(()), |fix| write!(f, "; {fix}"))
    }
}

/// Opens a backend and asks its port one question that changes nothing.
pub(crate) async fn asked<C: Configured + ?Sized>(
    port: Port,
    configured: &C,
    commons: &Commons,
) -> (Vec<Finding>, Option<Adapter>) {
    let adapter = match configured.open(commons).await {
        Ok(adapter) => adapter,
        Err(mistakes) => {
            let fix = "correct it in the configuration, or where it is kept";
            let fail =
                |mistake: crate::section::Mistake| Finding::fail(mistake.key, mistake.rule, fix);
            return (mistakes.into_iter().map(fail).collect(), None);
        }
    };
    let subject = port.section();
    let finding = match question(&adapter.service).await {
        Ok(answer) => Finding::ok(subject, format!("{}: {answer}", configured.summary())),
        Err(error) => Finding::of(subject, &error),
    };
    (vec![finding], Some(adapter))
}

/// No user, series or object is called so.
const NOBODY: &str = "tollgate-doctor";

async fn question(service: &Service) -> Result<String, PortError> {
    Ok(match service {
        Service::Entitlements(port) => {
            port.lookup(NOBODY, NOBODY).await?;
            "can be read".to_owned()
        }
        Service::Catalog(port) => {
            port.episode(NOBODY, NOBODY).await?;
            "can be read".to_owned()
        }
        Service::Sessions(port) => {
            port.active(NOBODY, 0).await?;
            "can be read".to_owned()
        }
        Service::Objects(port) => {
            port.exists(NOBODY).await?;
            "can be asked, and knows what is not there".to_owned()
        }
        Service::SigningKeys(port) => {
            let id = match port.current().await? {
                Key::Held(key) => key.key_pair_id().to_owned(),
                Key::Revealed { key_pair_id, .. } => key_pair_id,
            };
            format!("signs with {id}")
        }
        Service::Policy(port) => {
            port.policy().await?;
            "can be read".to_owned()
        }
    })
}

/// A clock against that of a service: signatures of requests and of URLs both need the right time.
pub fn clock(service: &str, ahead: i64) -> Finding {
    let text = match ahead {
        0 => format!("agrees with {service} to the second"),
        1.. => format!("is {ahead} s ahead of {service}"),
        _ => format!("is {} s behind {service}", ahead.unsigned_abs()),
    };
    let fix = "set this machine's clock by NTP";
    match ahead.unsigned_abs() {
        0..=30 => Finding::ok("clock", text),
        31..=300 => Finding::warn("clock", text, fix),
        _ => Finding::fail("clock", text, fix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_found_out() {
        for (ahead, verdict, words) in [
            (0, Verdict::Ok, "agrees"),
            (30, Verdict::Ok, "30 s ahead"),
            (-31, Verdict::Warn, "31 s behind"),
            (300, Verdict::Warn, "300 s ahead"),
            (-301, Verdict::Fail, "301 s behind"),
            (i64::MIN, Verdict::Fail, "behind"),
        ] {
            let finding = clock("DynamoDB", ahead);
            assert_eq!(finding.verdict, verdict, "{ahead}");
            assert!(finding.text.contains(words), "{finding}");
            assert_eq!(finding.fix.is_some(), verdict != Verdict::Ok);
        }
    }

    #[test]
    fn what_helps_goes_with_what_is_wrong() {
        let denied =
            PortError::AccessDenied("dynamodb:GetItem on table t is not allowed".to_owned());
        let line = Finding::of("sessions", &denied).to_string();
        assert!(line.starts_with("FAIL  sessions: access denied: dynamodb:GetItem"), "{line}");
        assert!(line.contains("allow the action"), "{line}");
        let lost = PortError::Unavailable("x: no AWS credentials are to be had".to_owned());
        assert!(Finding::of("sessions", &lost).to_string().contains("AWS_PROFILE"));
    }
}
