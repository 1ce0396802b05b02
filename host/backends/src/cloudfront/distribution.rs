//! Whether a distribution asks for signatures wherever the gateway gives them.

use aws_sdk_cloudfront::types::{Distribution, DistributionConfig, TrustedKeyGroups};

use super::{
    CloudFront, Expected,
    examine::{SUBJECT, unseen},
    trouble,
};
use crate::examination::Finding;

/// The part of a behaviour that says who may see what it serves.
struct Behavior<'a> {
    /// Its pattern.
    name: &'a str,
    groups: Option<&'a TrustedKeyGroups>,
    /// The host of its origin.
    origin: &'a str,
}

impl CloudFront {
    pub(super) async fn examine_distribution(
        &self,
        id: &str,
        expected: &Expected<'_>,
    ) -> Vec<Finding> {
        let read = match self.client.get_distribution().id(id).send().await {
            Ok(read) => read,
            Err(error) => {
                let name = format!("distribution {id}");
                return vec![unseen(&name, trouble("cloudfront:GetDistribution", &name, &error))];
            }
        };
        let Some(distribution) = read.distribution else { return Vec::new() };
        let Some(config) = &distribution.distribution_config else { return Vec::new() };
        let mut findings = vec![state(id, config.enabled, &distribution.status)];
        let host = expected.domain.split(':').next().unwrap_or_default();
        if host.is_empty() {
            // What is wrong with the policy was said by its own table.
            return findings;
        }
        findings.push(serves(id, host, &distribution, config));
        findings.extend(self.examine_behaviors(config, expected));
        findings
    }

    /// One finding for each behaviour that serves some of the paths, and one for the default behaviour.
    fn examine_behaviors(
        &self,
        config: &DistributionConfig,
        expected: &Expected<'_>,
    ) -> Vec<Finding> {
        let behaviors = behaviors(config);
        let mut paths: Vec<Vec<&str>> = behaviors.iter().map(|_| Vec::new()).collect();
        for path in expected.paths {
            // The first one that matches counts; the default one matches everything and is the last.
            let serves = |row: &Behavior<'_>| row.name == "*" || (expected.matches)(row.name, path);
            let place = behaviors.iter().position(serves);
            if let Some(paths) = place.and_then(|place| paths.get_mut(place)) {
                paths.push(path);
            }
        }
        let rows = || behaviors.iter().zip(&paths);
        let media = |host: &str| rows().any(|(row, paths)| !paths.is_empty() && row.origin == host);
        let mut findings = Vec::new();
        for (row, paths) in rows() {
            if !paths.is_empty() {
                findings.push(self.examine_behavior(row, &paths.join(", ")));
            } else if row.name == "*" {
                // A `video` or a `poster` of the catalog may be any object.
                let finding = self.examine_behavior(row, "everything else");
                let is_open = row.groups.is_none_or(|groups| !groups.enabled);
                findings.push(match is_open && !media(row.origin) {
                    true => elsewhere(row),
                    false => finding,
                });
            }
        }
        findings
    }

    fn examine_behavior(&self, row: &Behavior<'_>, what: &str) -> Finding {
        let (name, group) = (row.name, self.group_name());
        let trusts = |groups: &TrustedKeyGroups| {
            groups.items.as_deref().unwrap_or_default().contains(&self.group)
        };
        match row.groups.filter(|groups| groups.enabled) {
            Some(groups) if trusts(groups) => {
                Finding::ok(SUBJECT, format!("behaviour {name} trusts {group} for {what}"))
            }
            Some(_) => Finding::fail(
                SUBJECT,
                format!(
                    "behaviour {name}, which serves {what}, trusts other key groups: 403 InvalidKey"
                ),
                format!("add {group} to its trusted key groups"),
            ),
            None => Finding::fail(
                SUBJECT,
                format!("behaviour {name} serves {what} to everybody, signed or not"),
                format!("restrict viewer access and trust {group}"),
            ),
        }
    }
}

/// All of them in the order in which they are tried.
fn behaviors(config: &DistributionConfig) -> Vec<Behavior<'_>> {
    let origins = config.origins.as_ref().map_or(&[][..], |origins| &origins.items);
    let host = |id: &str| {
        let origin = origins.iter().find(|origin| origin.id == id);
        origin.map_or("", |origin| origin.domain_name.as_str())
    };
    let rows = config.cache_behaviors.as_ref().and_then(|all| all.items.as_deref());
    let rows = rows.unwrap_or_default().iter().map(|row| Behavior {
        name: &row.path_pattern,
        groups: row.trusted_key_groups.as_ref(),
        origin: host(&row.target_origin_id),
    });
    let last = config.default_cache_behavior.iter().map(|row| Behavior {
        name: "*",
        groups: row.trusted_key_groups.as_ref(),
        origin: host(&row.target_origin_id),
    });
    rows.chain(last).collect()
}

/// A site of its own beside the media is no hole, unless media lie there too.
fn elsewhere(row: &Behavior<'_>) -> Finding {
    let Behavior { name, origin, .. } = row;
    Finding::warn(
        SUBJECT,
        format!(
            "behaviour {name} serves everything else to everybody, signed or not, from {origin}"
        ),
        "see that no `video` and no `poster` of the catalog lies there; restrict viewer access if one does",
    )
}

fn state(id: &str, enabled: bool, status: &str) -> Finding {
    match (enabled, status) {
        (false, _) => Finding::fail(SUBJECT, format!("distribution {id} is disabled"), "enable it"),
        (true, "Deployed") => Finding::ok(SUBJECT, format!("distribution {id} is deployed")),
        (true, status) => Finding::warn(
            SUBJECT,
            format!("distribution {id} is not deployed yet ({status})"),
            "wait; until then edges have what was there before",
        ),
    }
}

/// Whether it answers for the host that URLs are signed for.
fn serves(
    id: &str,
    host: &str,
    distribution: &Distribution,
    config: &DistributionConfig,
) -> Finding {
    let aliases = config.aliases.as_ref().and_then(|aliases| aliases.items.as_deref());
    let covers = |alias: &String| {
        alias.eq_ignore_ascii_case(host)
            || alias.strip_prefix('*').is_some_and(|rest| {
                host.strip_suffix(rest).is_some_and(|label| !label.contains('.'))
            })
    };
    if host == distribution.domain_name || aliases.unwrap_or_default().iter().any(covers) {
        return Finding::ok(SUBJECT, format!("distribution {id} serves {host}"));
    }
    Finding::fail(
        SUBJECT,
        format!("distribution {id} does not serve {host}, which URLs are signed for"),
        format!(
            "set policy.domain to {} or one of its aliases, or add the alias",
            distribution.domain_name
        ),
    )
}
