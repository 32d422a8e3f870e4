//! What a job is called with.

use std::sync::Arc;

use super::convert::TaskValue;
use super::value::Value;
use crate::engine::{Payload, TaskError};

/// The arguments of a job.
#[derive(Clone, Debug, Default)]
pub struct Args(Arc<Vec<Value>>);

impl Args {
    pub fn new(values: impl IntoIterator<Item = Value>) -> Self {
        Args(Arc::new(values.into_iter().collect()))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The argument at `index`, from 0. A missing one counts as `undefined`, so that an
    /// `Option` is optional; for anything else the error names the place and what was expected.
    pub fn get<T: TaskValue>(&self, index: usize) -> Result<T, TaskError> {
        let value = self.0.get(index).cloned().unwrap_or_default();
        let found = match self.0.get(index) {
            Some(value) => value.describe(),
            None => "missing".to_owned(),
        };
        T::from_value(value).ok_or_else(|| {
            TaskError::from_error(format!("argument {index} is {found}; expected {}", T::KIND))
        })
    }

    /// Its values, without a copy where nobody else has them.
    pub(super) fn into_values(self) -> Vec<Value> {
        Arc::unwrap_or_clone(self.0)
    }

    /// What they hold in memory, as far as anybody can tell.
    pub(crate) fn byte_size(&self) -> usize {
        self.0.iter().map(|value| size_of_val(value) + value.byte_size().unwrap_or(0)).sum()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Value> {
        self.0.iter()
    }
}

impl<T: TaskValue, const N: usize> From<[T; N]> for Args {
    fn from(values: [T; N]) -> Self {
        Args::new(values.into_iter().map(T::into_value))
    }
}

impl From<Vec<Value>> for Args {
    fn from(values: Vec<Value>) -> Self {
        Args(Arc::new(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_of_the_wrong_kind_names_its_place() {
        let args = Args::new([Value::text("a"), Value::Float(1.5)]);
        assert_eq!(args.get::<String>(0), Ok("a".to_owned()));
        let message = |error: TaskError| error.message().to_owned();
        assert_eq!(
            args.get::<u32>(1).map_err(message),
            Err("argument 1 is the number 1.5; expected a whole number in range".to_owned())
        );
        assert_eq!(
            args.get::<String>(2).map_err(message),
            Err("argument 2 is missing; expected a text".to_owned())
        );
        assert_eq!(args.get::<Option<String>>(2), Ok(None));
    }
}
