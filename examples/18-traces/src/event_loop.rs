//! The one call of Qt that cxx-qt-lib has not.

#[cxx::bridge]
mod ffi {
    unsafe extern "C++" {
        include!(<QtCore/QCoreApplication>);
        #[cxx_name = "QCoreApplication"]
        type Application;
        #[Self = "Application"]
        fn quit();
    }
}

/// Ends the event loop.
pub fn quit() {
    ffi::Application::quit();
}
