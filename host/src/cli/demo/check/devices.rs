//! Devices: three places, a fourth device refused, a place given back.

use http::Method;

use super::{Broken, Check, problem, status, text};

pub(super) async fn run(check: &mut Check<'_>) -> Result<(), Broken> {
    let mut first = String::new();
    for device in ["phone", "tablet", "television"] {
        let reply = check.ask("carol", "ep1", &format!("check/{device}")).await;
        if let Ok(reply) = &reply
            && first.is_empty()
        {
            first = text(&reply.json(), "sessionId").unwrap_or_default();
        }
        let seen = reply.and_then(|reply| status(&reply, 200));
        check.step(&format!("carol (Completed) on her {device}"), seen)?;
    }
    let reply = check.ask("carol", "ep1", "check/console").await;
    let seen = reply.and_then(|reply| {
        let seen = problem(&reply, 429, "device-limit-exceeded")?;
        let seconds: u64 =
            reply.header("retry-after").parse().map_err(|_| "no Retry-After".to_owned())?;
        Ok(format!("{seen}, Retry-After {seconds}"))
    });
    check.step("a fourth device", seen)?;

    let sessions = format!("http://{}/users/carol/sessions", check.scene.names.gateway);
    let reply = check
        .call(Method::POST, &format!("{sessions}/{first}/heartbeat"), "carol", "check/phone")
        .await;
    check.step("a heartbeat of the first", reply.and_then(|reply| status(&reply, 200)))?;
    let reply =
        check.call(Method::DELETE, &format!("{sessions}/{first}"), "carol", "check/phone").await;
    check.step("its release", reply.and_then(|reply| status(&reply, 204)))?;
    let reply = check
        .call(Method::POST, &format!("{sessions}/{first}/heartbeat"), "carol", "check/phone")
        .await;
    let seen = reply.and_then(|reply| problem(&reply, 403, "session-ended"));
    check.step("a heartbeat of the device that was freed", seen)?;
    let reply = check.ask("carol", "ep1", "check/console").await;
    check.step("the fourth device again", reply.and_then(|reply| status(&reply, 200)))
}
