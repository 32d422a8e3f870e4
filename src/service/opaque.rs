//! Values that only the language of their type understands.

use std::any::Any;
use std::sync::Arc;

/// A value that only Rust understands, of any type.
///
/// As a task's result it reaches the handle and `on_complete`; the signals carry `undefined`.
#[derive(Clone)]
pub struct Opaque(Of);

#[derive(Clone)]
enum Of {
    /// It owns nothing beside itself.
    Flat(Arc<dyn Any + Send + Sync>),
    /// It may own anything.
    Rust(Arc<dyn Any + Send + Sync>),
    /// What it holds was said as it was made.
    Measured(Arc<Measured>),
    /// What a body of C++ returned, as C++ counts its references.
    #[cfg(feature = "qt")]
    Cpp(crate::qt::CppResult),
}

struct Measured {
    value: Arc<dyn Any + Send + Sync>,
    bytes: usize,
}

impl Opaque {
    /// A value of a type with a destructor may hold any amount of memory. The history does not keep such a
    /// result once it was delivered and the task's last handle is gone: [`Opaque::with_size`] says how much
    /// it is.
    pub fn new<T: Any + Send + Sync>(value: T) -> Self {
        match std::mem::needs_drop::<T>() {
            true => Opaque(Of::Rust(Arc::new(value))),
            false => Opaque(Of::Flat(Arc::new(value))),
        }
    }

    /// The same of a value that holds so many bytes in memory, about.
    pub fn with_size<T: Any + Send + Sync>(value: T, bytes: usize) -> Self {
        Opaque(Of::Measured(Arc::new(Measured { value: Arc::new(value), bytes })))
    }

    /// The value, if it is of that type.
    pub fn downcast<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        match &self.0 {
            Of::Flat(value) | Of::Rust(value) => value.clone().downcast().ok(),
            Of::Measured(measured) => measured.value.clone().downcast().ok(),
            #[cfg(feature = "qt")]
            Of::Cpp(_) => None,
        }
    }

    #[cfg(feature = "qt")]
    pub(crate) fn of_cpp(result: crate::qt::CppResult) -> Self {
        Opaque(Of::Cpp(result))
    }

    #[cfg(feature = "qt")]
    pub(crate) fn cpp(&self) -> Option<&crate::qt::CppResult> {
        match &self.0 {
            Of::Cpp(result) => Some(result),
            _ => None,
        }
    }

    pub(super) fn byte_size(&self) -> Option<usize> {
        match &self.0 {
            Of::Flat(value) => Some(size_of_val(&**value)),
            Of::Rust(_) => None,
            Of::Measured(measured) => Some(measured.bytes),
            #[cfg(feature = "qt")]
            Of::Cpp(result) => result.byte_size(),
        }
    }

    /// Whether both are the same one.
    pub(super) fn is(&self, other: &Opaque) -> bool {
        match (&self.0, &other.0) {
            (Of::Flat(one), Of::Flat(other)) | (Of::Rust(one), Of::Rust(other)) => Arc::ptr_eq(one, other),
            (Of::Measured(one), Of::Measured(other)) => Arc::ptr_eq(one, other),
            #[cfg(feature = "qt")]
            (Of::Cpp(one), Of::Cpp(other)) => one.is(other),
            _ => false,
        }
    }
}
