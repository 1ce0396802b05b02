//! Where the bytes of an answer come from: the cache, or an origin.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::{Method, request::Parts};
use tollgate_api::edge::{
    WireUrl,
    conditional::{self, Part},
    normal::has_dots,
};

use super::{
    EdgeSettings,
    behavior::Behavior,
    cache::Cache,
    counters::Result as Counted,
    fill::Filling,
    origin::{Answer, Folder, HttpOrigin, Origin, OriginError},
    respond::Source,
};
use crate::component::SignerComponent;

/// The origins, and what is kept of them.
pub(super) struct Objects {
    origins: Vec<Origin>,
    cache: Arc<Cache>,
    signer: SignerComponent,
}

impl Objects {
    /// Nothing is kept at first.
    pub(super) fn new(
        origins: Vec<Origin>,
        settings: &EdgeSettings,
        signer: &SignerComponent,
    ) -> Self {
        let cache = Cache::new(settings.cache_size, settings.cache_object_limit);
        Self { origins, cache: Arc::new(cache), signer: signer.clone() }
    }

    /// An origin for one line in the log.
    pub(super) fn summary(&self, origin: usize) -> String {
        self.origins.get(origin).map(Origin::summary).unwrap_or_default()
    }

    /// Finds the object of this URL, whose signature no origin and no key of the cache sees.
    pub(super) async fn get(
        &self,
        behavior: &Behavior,
        head: &Parts,
        url: WireUrl,
    ) -> Result<(Source, Counted), OriginError> {
        match self.origins.get(behavior.origin) {
            Some(Origin::Folder(folder)) => {
                self.read_folder(folder, behavior.origin, head, &url).await
            }
            Some(Origin::Http(origin)) => {
                self.ask_server(origin, behavior, head, &self.stripped(url)?).await
            }
            None => Err(OriginError::Missing),
        }
    }

    /// Removes the signature, as only the component knows how.
    fn stripped(&self, url: WireUrl) -> Result<WireUrl, OriginError> {
        if !url.target().contains('?') {
            return Ok(url);
        }
        let failed = |_| OriginError::Unreachable("the signature could not be removed".to_owned());
        Ok(url.stripped(self.signer.strip(url.as_str()).map_err(failed)?))
    }

    async fn read_folder(
        &self,
        folder: &Folder,
        number: usize,
        head: &Parts,
        url: &WireUrl,
    ) -> Result<(Source, Counted), OriginError> {
        // A folder knows no queries, so there is nothing to remove, and one entry serves them all.
        let key = (number, url.path().to_owned());
        let now = Instant::now();
        let kept = self.cache.get(&key, now);
        if let Some(object) = kept.as_ref().filter(|object| object.is_confirmed(now, UNSEEN)) {
            return Ok((Source::Memory(Arc::clone(object)), Counted::Hit));
        }
        let file = folder.get(url.path()).await?;
        // Somebody who edits files wants to see them, so what is kept counts only while the file is the same.
        if let Some(object) = kept.filter(|object| object.head.etag() == file.head.etag()) {
            object.confirm(now);
            return Ok((Source::Memory(object), Counted::Hit));
        }
        // Read whole for nobody who wants less, and for one of those who come at once.
        let part = conditional::part(&head.method, &head.headers, &file.head.0, file.length);
        let whole = head.method == Method::GET && part == Part::Whole;
        let filling = whole.then(|| Filling::start(&self.cache, &key, file.length)).flatten();
        let Some(filling) = filling else { return Ok((Source::File(file), Counted::Miss)) };
        let kept = file.keep(filling).await;
        let object = kept.map_err(|error| OriginError::Unreachable(error.kind().to_string()))?;
        Ok((Source::Memory(object), Counted::Miss))
    }

    async fn ask_server(
        &self,
        origin: &HttpOrigin,
        behavior: &Behavior,
        head: &Parts,
        url: &WireUrl,
    ) -> Result<(Source, Counted), OriginError> {
        // The server may resolve them to another path than behaviour and signature were about, even to one that
        // is not below its own URL.
        if has_dots(url.path()) {
            return Err(OriginError::Ambiguous);
        }
        let target = origin.target(url)?;
        let key = (behavior.origin, target.clone().into_owned());
        if let Some(object) = self.cache.get(&key, Instant::now()) {
            return Ok((Source::Memory(object), Counted::Hit));
        }
        let reserve = |length| Filling::start(&self.cache, &key, length);
        Ok(match origin.get(&target, head, behavior.ttl, reserve).await? {
            Answer::Kept(object) => (Source::Memory(object), Counted::Miss),
            Answer::Relayed(response) => (Source::Relayed(response), Counted::Miss),
        })
    }
}

/// How long a file is taken for what it was when somebody last looked. To look takes a walk through its folders on a thread
/// of its own, ten times as long as everything else that a hit needs; nobody edits a file and watches it in less.
const UNSEEN: Duration = Duration::from_millis(250);
