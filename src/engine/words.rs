//! The words: states, priorities, answers, reasons and kinds, as all languages have them.
//!
//! They come of the table in `tools/vocabulary/src/table.rs`: `./x vocabulary --write` writes this file.

// <vocabulary: enumerations>
// </vocabulary>
