//! How a trace begins and ends, and what threads do beside the engine's lock while it is written. What it is: see
//! `trace.rs`.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::delivery::Delivery;
use super::engine::Engine;
use super::error::TraceError;
use super::fork;
use super::id::TaskId;
use super::notice::Notice;
use super::payload::Payload;
use super::shared::Shared;
use super::threads;
use super::trace::{self, Flow, Part, ROOM, Recording, State, Traced, What};
use super::trace_writer;
use super::tracer::{Place, Span, TraceReport};

/// A start waits for so long at most until the file is open.
const OPENING: Duration = Duration::from_secs(1);

/// A stop waits for so long at most until all is written.
const CLOSING: Duration = Duration::from_secs(2);

/// The end of a shutdown waits for so long at most until what happened is written.
const FLUSHING: Duration = Duration::from_millis(500);

impl<P: Payload> Shared<P> {
    fn span(&self, what: impl FnOnce() -> What) -> Option<Span> {
        let recording = self.tracer.recording()?;
        let begun = recording.begin(self.clock.now(), what());
        begun.then(|| Span { recording, clock: self.clock.clone() })
    }

    /// A callback of a task is called by the thread that made it happen.
    #[inline]
    pub(super) fn direct_span(&self, task: TaskId) -> Option<Span> {
        self.span(|| {
            let Traced { name, arrow } = self.state.lock().traced(task);
            let flow = if arrow { Flow::Step } else { Flow::None };
            What::Slot { task: Some(task), name, notice: "callbacks", flow }
        })
    }

    /// The trace has ended by itself.
    fn trace_failed(&self, serial: u64) {
        self.tracer.turn_off();
        self.state.lock().end_recording(serial);
    }

    /// Nobody has the engine any more: the writer ends, and nobody waits for it.
    pub(super) fn leave_trace(&self) {
        if let Place::Writing(recording) = &*self.tracer.lock() {
            recording.set_state(State::Stopping);
        }
    }

    /// Has what happened until now written, and waits for it, but not for long.
    pub(super) fn flush_trace(&self) {
        if let Some(recording) = self.tracer.recording() {
            recording.flush(FLUSHING);
        }
    }
}

/// A notice, in the words of the signals; and how the arrow of the task goes on there.
fn told<P>(notice: &Notice<P>) -> (&'static str, Flow) {
    match notice {
        Notice::Queued => ("queued", Flow::None),
        Notice::Retried(_) => ("retried", Flow::None),
        Notice::Started => ("started", Flow::None),
        Notice::Paused(_) => ("paused", Flow::None),
        Notice::Resumed => ("resumed", Flow::None),
        Notice::Progress(..) => ("progress", Flow::None),
        Notice::Run(..) => ("run", Flow::Step),
        Notice::RunFailed(..) => ("run failed", Flow::Step),
        Notice::Retrying(..) => ("retrying", Flow::Step),
        Notice::Values(_) => ("values", Flow::None),
        Notice::Slow(_) => ("slow", Flow::None),
        Notice::Completed(_) => ("completed", Flow::End),
        Notice::Failed(_) => ("failed", Flow::End),
        Notice::Cancelled(_) => ("cancelled", Flow::End),
    }
}

impl<P: Payload> Engine<P> {
    /// The receiver begins a drain, which ends as this is dropped.
    #[inline]
    pub fn drain_span(&self) -> Option<Span> {
        self.shared().span(|| {
            trace::is_part(Part::Receiver);
            What::Drain
        })
    }

    /// The receiver delivers this, until what is returned is dropped.
    #[inline]
    pub fn slot_span(&self, delivery: &Delivery<P>) -> Option<Span> {
        self.shared().span(|| {
            trace::is_part(Part::Receiver);
            let (notice, flow) = match delivery {
                Delivery::Task { notice, .. } => told(notice),
                // Of an end that was told before.
                Delivery::Late { notice, .. } => (told(notice).0, Flow::None),
                Delivery::AllFinished => ("all finished", Flow::None),
                Delivery::Shutdown(_) => ("shutdown finished", Flow::None),
                Delivery::PausesChanged => ("pauses changed", Flow::None),
                Delivery::LimitReached { .. } => ("limit reached", Flow::None),
            };
            let task = match delivery {
                Delivery::Task { id, .. } | Delivery::Late { id, .. } => Some(*id),
                _ => None,
            };
            // Its record is there until all that is to be told of it was.
            let Traced { name, arrow } =
                task.map(|task| self.shared().state.lock().traced(task)).unwrap_or_default();
            let flow = if arrow { flow } else { Flow::None };
            What::Slot { task, name, notice, flow }
        })
    }

    // ---- the begin and the end of one ----------------------------------------------------------

    /// Begins to write a trace into a file, which is made, or emptied. Returns once that is open, or after a second.
    pub fn start_trace(&self, path: &Path) -> Result<(), TraceError> {
        if fork::is_child() {
            return Err(TraceError::Forked);
        }
        if path.as_os_str().is_empty() {
            return Err(TraceError::NoPath);
        }
        let shared = self.shared();
        let mut place = shared.tracer.lock();
        match &*place {
            Place::Writing(recording) if matches!(recording.lock().state, State::Ended(_)) => {}
            Place::Writing(recording) => {
                return Err(TraceError::AlreadyTracing { path: recording.path.clone() });
            }
            Place::Taken(path) => return Err(TraceError::AlreadyTracing { path: path.clone() }),
            Place::Free => {}
        }
        *place = Place::Taken(path.to_owned());
        drop(place);
        let opened = shared.open_trace(path);
        let (place, result) = match opened {
            Ok(recording) => (Place::Writing(recording), Ok(())),
            Err(error) => (Place::Free, Err(error)),
        };
        shared.tracer.set(place);
        if let Place::Writing(recording) = &*shared.tracer.lock()
            && matches!(recording.lock().state, State::Ended(_))
        {
            // It has ended by itself before there was anything to be turned off.
            shared.tracer.turn_off();
        }
        result
    }

    /// Ends the trace, and waits until it is written, for two seconds at most. One that has ended by itself, as it could
    /// not be written, is told here, once.
    pub fn stop_trace(&self) -> Result<TraceReport, TraceError> {
        if fork::is_child() {
            return Err(TraceError::Forked);
        }
        let shared = self.shared();
        let mut place = shared.tracer.lock();
        let Place::Writing(recording) = &*place else { return Err(TraceError::NotTracing) };
        let recording = recording.clone();
        *place = Place::Taken(recording.path.clone());
        drop(place);
        shared.tracer.turn_off();
        let result = shared.close_trace(&recording);
        shared.tracer.set(Place::Free);
        result
    }

    /// Has what happened until now written, and waits for it, for half a second at most.
    pub fn flush_trace(&self) {
        self.shared().flush_trace();
    }

    /// The file of the trace that is being written, if one is.
    pub fn trace_path(&self) -> Option<PathBuf> {
        match &*self.shared().tracer.lock() {
            Place::Writing(recording) if !matches!(recording.lock().state, State::Ended(_)) => {
                Some(recording.path.clone())
            }
            _ => None,
        }
    }
}

impl<P: Payload> Shared<P> {
    fn open_trace(&self, path: &Path) -> Result<Arc<Recording>, TraceError> {
        let from = self.clock.now();
        let wall_ms = self.clock.wall_ms(from);
        let recording = Arc::new(Recording::new(path.to_owned(), from));
        let (serial, this) = (recording.serial, Arc::downgrade(&self.arc()));
        let ended = move || {
            if let Some(shared) = this.upgrade() {
                shared.trace_failed(serial);
            }
        };
        let written = recording.clone();
        let write = move || trace_writer::write(&written, wall_ms, ended);
        let stack = self.threads.lock().stack();
        threads::spawn("legwork-trace", stack, write).map_err(TraceError::NoThread)?;
        if !recording.wait_until(OPENING, |buffer| buffer.state != State::Opening) {
            let mut buffer = recording.lock();
            if buffer.state == State::Opening {
                buffer.state = State::Left;
                return Err(TraceError::OpenHangs { path: path.to_owned(), waited: OPENING });
            }
        }
        if let State::Ended(Err(error)) = &recording.lock().state {
            return Err(error.clone());
        }
        self.state.lock().begin_recording(recording.clone());
        let mut from = Some(0);
        while let Some(next) = from {
            from = self.walk(next, |inner, _, slot| inner.trace_from_here(slot));
        }
        // The same of what is recorded under the lock.
        if matches!(recording.lock().state, State::Ended(_)) {
            self.trace_failed(serial);
        }
        Ok(recording)
    }

    fn close_trace(&self, recording: &Arc<Recording>) -> Result<TraceReport, TraceError> {
        let end = Instant::now() + CLOSING;
        let mut from = Some(0);
        while let Some(next) = from {
            // A million that wait are more than there is room for. Half of the time is for what is then left to be written.
            let time = (end - CLOSING / 2).saturating_duration_since(Instant::now());
            let in_time = recording
                .wait_until(time, |buffer| buffer.events.len() < ROOM / 2 || buffer.state != State::Writing);
            from = self.walk(next, |inner, _, slot| inner.trace_up_to_here(slot)).filter(|_| in_time);
        }
        self.state.lock().end_recording(recording.serial);
        let mut buffer = recording.lock();
        if buffer.state == State::Writing {
            buffer.state = State::Stopping;
        }
        drop(buffer);
        recording.wake();
        let time = end.saturating_duration_since(Instant::now());
        recording.wait_until(time, |buffer| matches!(buffer.state, State::Ended(_)));
        let mut buffer = recording.lock();
        let path = recording.path.clone();
        match &buffer.state {
            State::Ended(Ok(events)) => Ok(TraceReport { path, events: *events, lost: buffer.lost_in_all }),
            State::Ended(Err(error)) => Err(error.clone()),
            _ => {
                buffer.state = State::Left;
                Err(TraceError::WriteHangs { path, waited: CLOSING })
            }
        }
    }
}
