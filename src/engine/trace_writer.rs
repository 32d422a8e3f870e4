//! The thread that writes a trace, and does nothing else.
//!
//! It opens the file, which may take for ever where that is a pipe or lies on another machine, and so may each write: no
//! other thread waits for it but for a bounded time. What fails ends the trace, with one line in the log.
//!
//! Each piece ends with the bracket that ends the array, and the next one is written over that. So the file is whole
//! JSON whenever the process may die, but within a write. Where nothing can be written over, as in a pipe, the bracket
//! comes at the end; both readers do without it.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnostics::{self, About};
use super::error::TraceError;
use super::trace::{ROOM, Recording, State, Taken};
use super::trace_text::Text;

const BRACKET: &[u8] = b"\n]\n";

/// Events that are written at once.
const PIECE: usize = 1 << 10;

/// Opens the file, and writes the trace until it is stopped. `wall_ms`: when it began. `ended` is called if it ends by
/// itself.
pub fn write(recording: &Arc<Recording>, wall_ms: i64, ended: impl FnOnce()) {
    let file = match File::create(&recording.path) {
        Ok(file) => file,
        Err(error) => return end(recording, Err(cannot_open(&recording.path, &error))),
    };
    if !recording.set_state(State::Writing) {
        // Nobody waits for it any more: it took too long to be opened.
        return;
    }
    let mut file = file;
    let brackets = file.stream_position().is_ok();
    let mut writer = Writer { file, text: Text::new(std::process::id()), brackets };
    let program = std::env::current_exe().ok();
    let program = program.as_ref().and_then(|path| path.file_name()).and_then(|name| name.to_str());
    writer.text.begin(program, recording.from, wall_ms);
    let result = writer.write_all(recording);
    let events = writer.text.events;
    let Err(error) = result else { return end(recording, Ok(events)) };
    let error = TraceError::Write { path: recording.path.clone(), events, error: error.to_string() };
    // Before a thread can be told of it.
    diagnostics::error(About::Pool, format_args!("{error}"));
    end(recording, Err(error));
    ended();
}

fn end(recording: &Recording, result: Result<u64, TraceError>) {
    // Where nobody waits for it any more, nobody is told.
    let _ = recording.set_state(State::Ended(result));
}

struct Writer {
    file: File,
    text: Text,
    /// The file ends with a bracket after each piece.
    brackets: bool,
}

impl Writer {
    fn write_all(&mut self, recording: &Recording) -> io::Result<()> {
        let mut events = Vec::with_capacity(ROOM);
        loop {
            let Taken { lost, counts, asked, last } = recording.take(&mut events);
            let mut left = events.len();
            for event in events.drain(..) {
                self.text.event(&event);
                left -= 1;
                if left % PIECE == 0 && left > 0 {
                    self.write()?;
                }
            }
            if let Some((at, counts)) = counts {
                self.text.counts(at, &counts);
            }
            if lost > 0 {
                self.text.lost(lost);
            }
            if last {
                let lost = recording.lock().lost_in_all;
                self.text.finish(lost);
                if !self.brackets {
                    self.text.text.extend_from_slice(BRACKET);
                }
            }
            self.write()?;
            recording.written(asked);
            if last {
                return Ok(());
            }
        }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.text.text.is_empty() {
            return Ok(());
        }
        if self.brackets {
            self.text.text.extend_from_slice(BRACKET);
        }
        self.file.write_all(&self.text.text)?;
        self.text.text.clear();
        if self.brackets {
            self.file.seek(SeekFrom::Current(-(BRACKET.len() as i64)))?;
        }
        Ok(())
    }
}

/// What is wrong with the path of a trace.
fn cannot_open(path: &Path, error: &io::Error) -> TraceError {
    let path = PathBuf::from(path);
    match error.kind() {
        io::ErrorKind::NotFound => TraceError::NoFolder { path },
        io::ErrorKind::PermissionDenied => TraceError::NoPermission { path },
        io::ErrorKind::IsADirectory => TraceError::IsFolder { path },
        _ => TraceError::Open { path, error: error.to_string() },
    }
}
