//! What the engine asks of the results of tasks.

/// What tasks return. Cloning should be cheap: the history, a waiter and each receiver have one.
///
/// The default is what is left of a result whose owner was unloaded, or that the history does not keep.
/// `clone`, `default` and `is_plain` are called with the engine's lock held: they must be short, and must not
/// call the engine. Results are destroyed without it, unless they are plain.
pub trait Payload: Clone + Default + Send + Sync + 'static {
    /// What it holds in memory, about, for the bound of the history; `None` where nobody can tell. Such a
    /// result the history does not keep: it goes with its delivery, or with the last handle of its task.
    ///
    /// Asked once of each result, on the worker that brought it, without the lock.
    fn byte_size(&self) -> Option<usize> {
        Some(0)
    }

    /// Several as one, in this order: the result of a group. Called with the lock held, as `clone` is.
    fn list(values: Vec<Self>) -> Self {
        let _ = values;
        Self::default()
    }

    /// Whether nothing happens when it is destroyed, so that this may be done with the lock held.
    fn is_plain(&self) -> bool {
        false
    }
}

impl Payload for () {}
