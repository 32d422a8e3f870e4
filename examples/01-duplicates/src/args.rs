//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Finds duplicate files below a folder.
///
/// Files are duplicates if they have the same size and the same content, by BLAKE3. Hard links to
/// one file are one file; symbolic links are not followed; empty files are left out. These are the
/// duplicates of `fdupes -r -n` and of `jdupes -r`.
#[derive(Parser, Debug)]
#[command(name = "duplicates", version, after_help = EXIT_CODES)]
pub struct Args {
    /// The folder to search
    #[arg(default_value = ".")]
    pub dir: PathBuf,

    /// Search in the terminal, without a window
    #[arg(long)]
    pub headless: bool,

    /// Print each signal of the TaskManager as a line of JSON, and the result as the last one;
    /// implies --headless
    #[arg(long, conflicts_with = "screenshot")]
    pub json: bool,

    /// Save a picture of the window (PNG) when the search is over, and quit
    #[arg(long, value_name = "FILE", conflicts_with = "headless")]
    pub screenshot: Option<PathBuf>,

    /// Save it after so many milliseconds, in the middle of the work
    #[arg(long, value_name = "MS", requires = "screenshot", value_parser = milliseconds())]
    pub screenshot_after: Option<i32>,

    /// Cancel the search after so many milliseconds
    #[arg(long, value_name = "MS", value_parser = milliseconds())]
    pub cancel_after: Option<i32>,

    /// Keep all workers busy for so many seconds, once with workers that do not give way to the window and once with
    /// such that do, and print the times between two frames of each
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5", conflicts_with_all = ["headless", "json", "screenshot"], value_parser = clap::value_parser!(u16).range(1..=600))]
    pub stress: Option<u16>,

    /// One of the two
    #[arg(long, hide = true, requires = "stress")]
    pub stress_alone: bool,

    /// How many tasks may run at once [default: 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
}

const EXIT_CODES: &str = "\
Exit codes: 0, also if some files could not be read or the search was cancelled by --cancel-after;
1 if the result could not be written; 2 for wrong arguments; 130 after Ctrl+C.";

fn milliseconds() -> clap::builder::RangedI64ValueParser<i32> {
    clap::value_parser!(i32).range(0..)
}
