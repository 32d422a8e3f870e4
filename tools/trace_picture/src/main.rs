//! Draws traces below each other, on one scale of time, as an SVG that is readable on a light and on a dark page.
//!
//! `trace_picture OUT.svg TITLE MARK[,MARK...] CAPTION=TRACE.json [CAPTION=TRACE.json]`
//!
//! Tasks whose name is a MARK are drawn in another colour, each with its waits; of the others is shown how many wait.

mod draw;
#[path = "../../../tests/engine/trace_reader.rs"]
#[expect(dead_code, reason = "the engine's tests read more of a trace")]
mod trace_reader;

use std::path::Path;
use std::process::ExitCode;

use draw::Panel;
use trace_reader::Trace;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, title, marks, panels @ ..] = &arguments[..] else {
        eprintln!("usage: trace_picture OUT.svg TITLE MARK[,MARK...] CAPTION=TRACE.json...");
        return ExitCode::from(2);
    };
    let marks: Vec<&str> = marks.split(',').collect();
    let mut read = Vec::new();
    for panel in panels {
        let Some((caption, file)) = panel.split_once('=') else {
            eprintln!("trace_picture: \"{panel}\" is no CAPTION=TRACE.json");
            return ExitCode::from(2);
        };
        read.push((caption, Trace::read(Path::new(file))));
    }
    let panels: Vec<Panel> = read.iter().map(|(caption, trace)| Panel::of(caption, trace, &marks)).collect();
    match std::fs::write(out, draw::picture(title, &panels)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("trace_picture: {out} cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
