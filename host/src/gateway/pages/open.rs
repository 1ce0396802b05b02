//! Opening the pages of a configuration: the files they name are read once, at the start.

use std::{
    fs::{self, File as Opened},
    io::{self, Read as _},
    path::Path,
    sync::Arc,
};

use tollgate_backends::section::Mistake;

use super::{
    EXPLAIN, HLS_JS, PLAYER, Pages, Served,
    explain::Explain,
    files::{self, File},
    headers,
};
use crate::{component::Runtime, config::PagesTable};

/// Twice what hls.js has with everything in it.
const LARGEST_LIBRARY: u64 = 2 << 20;

impl Pages {
    /// Reads what the table names.
    ///
    /// # Errors
    /// Everything that cannot be used.
    pub fn open(table: &PagesTable, runtime: &Runtime) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut served = Served::default();
        if table.player || table.explain {
            add(&mut served, &files::SHARED);
        }
        if table.player {
            add(&mut served, &files::OF_PLAYER);
            let library = table.hls_js.as_ref().map(|path| (path, read(path, LARGEST_LIBRARY)));
            let has = |there: bool| if there { "yes" } else { "no" };
            let html = files::PLAYER_HTML
                .replace("{hls-js}", has(library.is_some()))
                .replace("{explain}", has(table.explain))
                .replace("{demo}", has(table.sample.is_some()));
            let policy = headers::playing(&table.media_origins);
            served.files.push((PLAYER, File::page(html, &policy)));
            match library {
                Some((_, Ok(bytes))) => {
                    served.files.push((HLS_JS, File::new(files::JAVASCRIPT, bytes)));
                }
                Some((path, Err(error))) => mistakes.push(Mistake {
                    key: "gateway.pages.hls-js".to_owned(),
                    rule: format!("{} cannot be read: {error}", path.display()),
                }),
                None => {}
            }
            served.sample.clone_from(&table.sample);
        }
        if table.explain {
            add(&mut served, &files::OF_EXPLAIN);
            let page = File::page(files::EXPLAIN_HTML.to_owned(), &headers::talking());
            served.files.push((EXPLAIN, page));
            match Explain::open(&table.public_keys, runtime) {
                Ok(explain) => served.explain = Some(explain),
                Err(found) => mistakes.extend(found),
            }
        }
        if mistakes.is_empty() { Ok(Self(Arc::new(served))) } else { Err(mistakes) }
    }
}

fn add(served: &mut Served, more: &[(&'static str, &'static str)]) {
    let more = more.iter().map(|(path, text)| (*path, File::new(files::content_type(path), *text)));
    served.files.extend(more);
}

/// Reads a file that has no more than so many bytes.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Asked before it is opened: opening a pipe waits for whoever writes into it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("is no file"));
    }
    let mut bytes = Vec::new();
    let length = Opened::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if length as u64 > most {
        return Err(io::Error::other(format!("has more than {most} bytes")));
    }
    Ok(bytes)
}
