//! A span of the crate `tracing` around each run of a body, and each poll of a future, on its thread: what is told to
//! `tracing` there is within it. With the feature `tracing`; without, nothing is here.

use super::context::TaskContext;
use super::payload::Payload;
use super::shared::Shared;

#[cfg(feature = "tracing")]
pub type InSpan = tracing::span::EnteredSpan;
#[cfg(not(feature = "tracing"))]
pub struct InSpan;

impl<P: Payload> Shared<P> {
    /// Until that is dropped, on this thread. The lock is not held: a subscriber is the application's code. A panic of
    /// it is as one of the body.
    #[cfg(feature = "tracing")]
    pub(super) fn enter_span(&self, context: &TaskContext) -> InSpan {
        use tracing::field::{Empty, display};
        let span = tracing::info_span!(
            target: "legwork::task",
            "task",
            id = %context.id(),
            name = Empty,
            job = Empty,
            owner = Empty,
            iteration = context.iteration,
            attempt = context.attempt,
            location = Empty,
        );
        // Looked up for one that wants it.
        let known = if span.is_disabled() { None } else { self.named(context.id()) };
        if let Some((who, site)) = known {
            for (field, text) in [("name", who.name), ("job", who.job), ("owner", who.owner)] {
                if let Some(text) = text {
                    span.record(field, &*text);
                }
            }
            if let Some(place) = site.place() {
                span.record("location", display(place));
            }
        }
        span.entered()
    }

    #[cfg(feature = "tracing")]
    fn named(&self, id: super::id::TaskId) -> Option<(super::trace::Who, super::sites::Site)> {
        self.with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            let site = inner.tasks.at(slot).site;
            Some((inner.who(slot), site))
        })
    }

    #[cfg(not(feature = "tracing"))]
    #[inline]
    pub(super) fn enter_span(&self, _: &TaskContext) -> InSpan {
        InSpan
    }
}
