//! What a store said a moment ago: equal questions that are asked at once are one question, and its answer is believed
//! for a while. An error is an answer for nobody but those who waited for it.

mod answers;
mod flights;
mod ports;
#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use self::answers::Answers;
pub(crate) use self::{flights::Flights, ports::Remembering};
use crate::ports::PortError;

/// Answers to questions of `PARTS` texts. What they are is for whoever asks to say.
pub(crate) struct Cache<const PARTS: usize, V: Clone> {
    answers: Arc<Answers<PARTS, V>>,
    questions: Flights<[String; PARTS], Result<V, PortError>>,
}

impl<const PARTS: usize, V: Clone> Default for Cache<PARTS, V> {
    fn default() -> Self {
        Self { answers: Arc::default(), questions: Flights::default() }
    }
}

impl<const PARTS: usize, V> Cache<PARTS, V>
where
    V: Clone + Send + Sync + 'static,
{
    /// The answer that is known, or the one to `question`. `lifetime` says how long an answer is believed, counted from
    /// when it was asked for; zero keeps nothing.
    pub(crate) async fn ask<Q>(
        &self,
        asked: [&str; PARTS],
        lifetime: impl Fn(&V) -> Duration + Send + 'static,
        question: impl FnOnce([String; PARTS]) -> Q,
    ) -> Result<V, PortError>
    where
        Q: Future<Output = Result<V, PortError>> + Send + 'static,
    {
        let now = Instant::now();
        if let Some(answer) = self.answers.get(asked, now) {
            return Ok(answer);
        }
        let name = asked.map(str::to_owned);
        let question = {
            let (answers, name) = (Arc::clone(&self.answers), name.clone());
            let question = question(name.clone());
            async move {
                let answer = question.await?;
                let lifetime = lifetime(&answer);
                if !lifetime.is_zero() {
                    answers.put(name, answer.clone(), now + lifetime);
                }
                Ok(answer)
            }
        };
        self.questions.join(name, question).await
    }
}
