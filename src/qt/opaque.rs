//! What the proofs about objects of C++ lean on.
//!
//! Rust knows such an object by the name of its type alone. For that cxx and cxx-qt declare a type without parts, and
//! of it we claim, and [`assert_opaque`] checks wherever a proof needs it:
//!
//! **It has no bytes, any address is aligned for it, and it is not `Unpin`.**
//!
//! So a reference to it, or a box of it, is an address, and promises nothing of the memory there:
//!
//! 1. No byte has to be there. The object may be deleted while a reference to it still lies in a frame of the stack,
//!    as when a slot deletes the object that emits. What must not happen is that the reference is given to C++ again.
//! 2. Two exclusive references have no byte in common. A slot may come back to the object that emits.
//! 3. A box of it frees nothing.
//!
//! What has bytes is the Rust half of an object of cxx-qt, such as `TaskManagerRust`. A reference to that has to end
//! before anything is called that may delete the object, or come back to it.
//!
//! cxx 1.0.205 makes these types of its `private::Opaque`, and cxx-qt 0.10.0 declares its objects by cxx. Cargo.toml
//! pins both, and with another version the assertions say whether it still holds.

/// Fails to compile for a type that is not as said above.
macro_rules! assert_opaque {
    ($type:ty) => {
        const _: () = {
            assert!(size_of::<$type>() == 0 && align_of::<$type>() == 1);
            // A type that is `Unpin` would have `check` of both, and the compiler asks of which.
            trait NotUnpin<A> {
                fn check() {}
            }
            struct Unpinned;
            impl<T> NotUnpin<()> for T {}
            impl<T: Unpin> NotUnpin<Unpinned> for T {}
            let _ = <$type as NotUnpin<_>>::check;
        };
    };
}

pub(super) use assert_opaque;
