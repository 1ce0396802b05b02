//! The mounted folder, of which nothing is ever written.

use spin_sdk::wasip3::filesystem::{
    preopens,
    types::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags},
};

use crate::file::OpenFile;

/// Where spin.toml mounts it.
const MOUNT: &str = "/media";

/// Opens the file of these names, from the outermost folder inwards. `None` if there is no such file; an error if
/// nobody can say.
pub async fn open(names: &[String]) -> Result<Option<OpenFile>, ()> {
    let (root, inside) = mounted().ok_or(())?;
    let path: Vec<&str> = inside.into_iter().chain(names.iter().map(String::as_str)).collect();
    // The host lets no path and no link lead out of the folder.
    let opened = root
        .open_at(
            PathFlags::SYMLINK_FOLLOW,
            path.join("/"),
            OpenFlags::empty(),
            DescriptorFlags::READ,
        )
        .await;
    let file = match opened {
        Ok(file) => file,
        Err(error) => return absent(&error),
    };
    match file.stat().await {
        Ok(stat) if matches!(stat.type_, DescriptorType::RegularFile) => {
            let name = names.last().cloned().unwrap_or_default();
            Ok(Some(OpenFile::new(file, name, &stat)))
        }
        Ok(_) => Ok(None),
        Err(error) => absent(&error),
    }
}

/// Spin gives the folder itself with `--direct-mounts`, else a copy of it in a folder that is `/`.
fn mounted() -> Option<(Descriptor, Option<&'static str>)> {
    let given = preopens::get_directories().into_iter();
    given
        .filter_map(|(descriptor, name)| match name.as_str() {
            MOUNT => Some((descriptor, None)),
            "/" => Some((descriptor, MOUNT.strip_prefix('/'))),
            _ => None,
        })
        .min_by_key(|(_, inside)| inside.is_some())
}

fn absent(error: &ErrorCode) -> Result<Option<OpenFile>, ()> {
    match error {
        ErrorCode::NoEntry
        | ErrorCode::NotDirectory
        | ErrorCode::IsDirectory
        | ErrorCode::Access
        | ErrorCode::NotPermitted
        | ErrorCode::Loop
        | ErrorCode::NameTooLong
        | ErrorCode::IllegalByteSequence => Ok(None),
        _ => Err(()),
    }
}
