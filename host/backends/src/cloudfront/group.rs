//! The key group: read, and replaced as a whole if nobody else did.

use aws_sdk_cloudfront::types::KeyGroupConfig;

use super::{CloudFront, Trouble, trouble};
use crate::ports::PortError;

/// A key group as it was read.
#[derive(Clone, Debug)]
pub(crate) struct KeyGroup {
    id: String,
    /// Ids of the public keys it holds.
    pub(crate) keys: Vec<String>,
    /// When it last changed, epoch seconds.
    pub(crate) changed_at: u64,
    name: String,
    comment: Option<String>,
    etag: String,
}

impl KeyGroup {
    pub(crate) fn holds(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key == id)
    }

    /// How an operator takes these keys out with the aws command line, as long as nobody else changes the group.
    pub(crate) fn removal(&self, ids: &[&str]) -> String {
        let kept: Vec<_> = self.keys.iter().filter(|key| !ids.contains(&key.as_str())).collect();
        let mut config = serde_json::json!({ "Name": self.name, "Items": kept });
        if let (Some(members), Some(comment)) = (config.as_object_mut(), &self.comment) {
            members.insert("Comment".to_owned(), comment.as_str().into());
        }
        // In quotes of the shell, out of which only another quote leads.
        let config = config.to_string().replace('\'', r"'\''");
        let Self { id, etag, .. } = self;
        format!(
            "aws cloudfront update-key-group --id {id} --if-match {etag} --key-group-config '{config}'"
        )
    }
}

impl CloudFront {
    /// For messages.
    pub(crate) fn group_name(&self) -> String {
        format!("key group {}", self.group)
    }

    /// Reads the key group.
    pub(crate) async fn group(&self) -> Result<KeyGroup, Trouble> {
        let action = "cloudfront:GetKeyGroup";
        let read = self.client.get_key_group().id(&self.group).send().await;
        let read = read.map_err(|error| trouble(action, self.group_name(), &error))?;
        let broken = || {
            let text = format!("{action}: {} came without its contents", self.group_name());
            Trouble::Failed(PortError::Other(text))
        };
        let group = read.key_group.ok_or_else(broken)?;
        let changed_at = u64::try_from(group.last_modified_time.secs()).unwrap_or(0);
        let config = group.key_group_config.ok_or_else(broken)?;
        let etag = read.e_tag.ok_or_else(broken)?;
        let KeyGroupConfig { name, items, comment, .. } = config;
        let id = self.group.clone();
        Ok(KeyGroup { id, keys: items, changed_at, name, comment, etag })
    }

    /// Puts `keys` in the place of what the group held when it was read. Name and comment stay.
    pub(crate) async fn change_group(
        &self,
        read: &KeyGroup,
        keys: Vec<String>,
    ) -> Result<(), Trouble> {
        let config = KeyGroupConfig::builder()
            .name(&read.name)
            .set_comment(read.comment.clone())
            .set_items(Some(keys))
            .build();
        let config = config.map_err(|_| {
            Trouble::Failed(PortError::Other("the key group could not be written down".to_owned()))
        })?;
        let request = self.client.update_key_group().id(&self.group).if_match(&read.etag);
        let changed = request.key_group_config(config).send().await;
        let failed = |error| trouble("cloudfront:UpdateKeyGroup", self.group_name(), &error);
        changed.map(drop).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_removes_a_key_keeps_everything_else_and_can_be_pasted() {
        let keys = ["K1", "K2", "K3"].map(str::to_owned).to_vec();
        let (name, comment) = ("players".to_owned(), Some("it's ours".to_owned()));
        let (id, etag) = ("G".to_owned(), "E1".to_owned());
        let group = KeyGroup { id, keys, changed_at: 0, name, comment, etag };
        assert_eq!(
            group.removal(&["K2"]),
            r#"aws cloudfront update-key-group --id G --if-match E1 --key-group-config '{"Comment":"it'\''s ours","Items":["K1","K3"],"Name":"players"}'"#
        );
    }
}
