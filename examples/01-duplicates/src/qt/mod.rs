//! What is Qt: a little C++, and the objects of the QML module.

pub mod finder;
pub mod helper;
pub mod rows;
