//! The text of a trace: Chrome's Trace Event Format, as an array of JSON with one event a line.
//!
//! Perfetto's UI and `chrome://tracing` read it. What is what:
//!
//! | what | in the file |
//! | --- | --- |
//! | a thread | `M`: its name, and its place among the tracks |
//! | a submission | `X` on its thread, and the begin of the task's arrow, `s` |
//! | a run, a poll, a slot, a drain | `B` and `E` on its thread; `t` or `f` for the arrow |
//! | a wait | `b` and `e`, by the task |
//! | the end of a task | `n`, by the task |
//! | how many wait and run | `C` |
//! | events that were lost, and the end of the trace | `i` |
//!
//! Times are microseconds of the engine's clock, with three places. An arrow, and what a task waits for, has the key of
//! the task as its id, in the hexadecimal form that both readers know; `args.task` is the id that the API gives.

use super::clock::Nanos;
use super::crew::Crew;
use super::id::TaskId;
use super::trace::{Counts, Event, Flow, NO_THREAD, Role, What, Who};

/// The text of events, for a process and one of its traces.
pub struct Text {
    pub text: Vec<u8>,
    pid: u32,
    /// Something was written, which the next event is to be parted from.
    begun: bool,
    /// How many events there are: lines.
    pub events: u64,
    /// Spans of each thread that have no end yet, by its number.
    open: Vec<(u32, u32)>,
    last: Nanos,
}

impl Text {
    pub fn new(pid: u32) -> Self {
        Text { text: b"[".to_vec(), pid, begun: false, events: 0, open: Vec::new(), last: 0 }
    }

    /// One event up to what is its own; it ends with [`Text::close`].
    fn open(&mut self, ph: char, cat: &str, thread: u32, at: Nanos) {
        self.put(if self.begun { ",\n{\"ph\":\"" } else { "\n{\"ph\":\"" });
        self.begun = true;
        self.events += 1;
        self.last = self.last.max(at);
        self.text.push(ph as u8);
        self.put("\",\"pid\":");
        digits::<10>(&mut self.text, self.pid.into(), 1);
        self.put(",\"tid\":");
        digits::<10>(&mut self.text, thread.into(), 1);
        self.time(",\"ts\":", at);
        self.put(",\"cat\":\"");
        self.put(cat);
        self.text.push(b'"');
    }

    /// Microseconds, with three places.
    fn time(&mut self, key: &str, nanos: Nanos) {
        self.put(key);
        digits::<10>(&mut self.text, nanos / 1_000, 1);
        self.text.push(b'.');
        digits::<10>(&mut self.text, nanos % 1_000, 3);
    }

    fn put(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn close(&mut self) {
        self.text.push(b'}');
    }

    /// `"name":"…"`, of parts.
    fn name(&mut self, parts: &[&str]) {
        self.put(",\"name\":\"");
        parts.iter().for_each(|part| escape(&mut self.text, part));
        self.text.push(b'"');
    }

    fn id(&mut self, task: TaskId) {
        self.put(",\"id\":\"0x");
        digits::<16>(&mut self.text, task.unpack().key, 1);
        self.text.push(b'"');
    }

    /// `"key":` within the arguments.
    fn key(&mut self, key: &str) {
        self.put(if self.text.ends_with(b"{") { "\"" } else { ",\"" });
        self.put(key);
        self.put("\":");
    }

    fn argument(&mut self, key: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        self.key(key);
        self.text.push(b'"');
        escape(&mut self.text, value);
        self.text.push(b'"');
    }

    fn number(&mut self, key: &str, value: u64) {
        self.key(key);
        digits::<10>(&mut self.text, value, 1);
    }

    fn arguments(&mut self, fill: impl FnOnce(&mut Self)) {
        self.put(",\"args\":{");
        fill(self);
        self.text.push(b'}');
    }

    fn task(&mut self, task: TaskId) {
        let mut text = [0; 36];
        let text: &str = task.as_uuid().as_hyphenated().encode_lower(&mut text);
        self.key("task");
        self.text.push(b'"');
        self.put(text);
        self.text.push(b'"');
    }

    fn who(&mut self, who: &Who) {
        self.task(who.task);
        self.argument("name", who.name.as_deref());
        self.argument("job", who.job.as_deref());
        self.argument("owner", who.owner.as_deref());
    }

    fn arrow(&mut self, ph: char, task: TaskId, thread: u32, at: Nanos) {
        self.open(ph, "task", thread, at);
        self.name(&["task"]);
        self.id(task);
        if ph == 'f' {
            // It ends in the slice that is open, and not in the next.
            self.put(",\"bp\":\"e\"");
        }
        self.close();
    }

    fn metadata(&mut self, what: &str, thread: u32, fill: impl FnOnce(&mut Self)) {
        self.open('M', "__metadata", thread, 0);
        self.name(&[what]);
        self.arguments(fill);
        self.close();
    }

    fn began(&mut self, thread: u32) {
        match self.open.iter_mut().find(|(known, _)| *known == thread) {
            Some((_, open)) => *open += 1,
            None => self.open.push((thread, 1)),
        }
    }

    fn end(&mut self, thread: u32, at: Nanos, how: &str) {
        // One that a trace began in the middle of is none of it.
        match self.open.iter_mut().find(|(known, open)| *known == thread && *open > 0) {
            Some((_, open)) => *open -= 1,
            None => return,
        }
        self.open('E', "", thread, at);
        if !how.is_empty() {
            self.arguments(|text| text.argument("ended", Some(how)));
        }
        self.close();
    }

    // ---- events --------------------------------------------------------------------------------

    /// The process, and when the trace began: by the engine's clock, and in milliseconds since 1970.
    pub fn begin(&mut self, program: Option<&str>, at: Nanos, wall_ms: i64) {
        self.last = at;
        self.metadata("process_name", NO_THREAD, |text| {
            text.argument("name", Some(program.unwrap_or("program")))
        });
        // Behind all threads: there may be very many.
        self.track(NO_THREAD, "tasks that wait", u32::MAX >> 1);
        self.open('i', "trace", NO_THREAD, at);
        self.name(&["the trace begins"]);
        self.put(",\"s\":\"g\"");
        self.arguments(|text| {
            text.argument("legwork", Some(env!("CARGO_PKG_VERSION")));
            text.number("wallMs", wall_ms.max(0) as u64);
        });
        self.close();
    }

    pub fn event(&mut self, event: &Event) {
        let Event { at, thread, ref what } = *event;
        match what {
            What::Thread(role) => self.thread(thread, role),
            What::Submit { who, took, priority, site } => {
                self.open('X', "submit", thread, at);
                self.time(",\"dur\":", *took);
                self.name(&["submits ", shown(who)]);
                self.arguments(|text| {
                    text.who(who);
                    text.argument("priority", Some(priority.name()));
                    let place = site.place().map(|place| place.to_string());
                    text.argument("sourceLocation", place.as_deref());
                });
                self.close();
                self.arrow('s', who.task, thread, at);
            }
            What::Run { who, iteration, attempt, poll, arrow } => {
                self.began(thread);
                self.open('B', if *poll { "poll" } else { "run" }, thread, at);
                self.name(&[shown(who)]);
                self.arguments(|text| {
                    text.who(who);
                    text.number("iteration", *iteration);
                    text.number("attempt", *attempt);
                });
                self.close();
                if *arrow {
                    self.arrow('t', who.task, thread, at);
                }
            }
            What::Slot { task, name, notice, flow } => {
                self.began(thread);
                self.open('B', "slot", thread, at);
                match (task, name) {
                    (Some(_), name) => self.name(&[notice, ": ", name.as_deref().unwrap_or("task")]),
                    (None, _) => self.name(&[notice]),
                }
                self.arguments(|text| {
                    if let Some(task) = task {
                        text.task(*task);
                    }
                    text.argument("name", name.as_deref());
                    text.argument("notice", Some(notice));
                });
                self.close();
                if let (Some(task), Flow::Step | Flow::End) = (task, flow) {
                    self.arrow(if *flow == Flow::End { 'f' } else { 't' }, *task, thread, at);
                }
            }
            What::Drain => {
                self.began(thread);
                self.open('B', "drain", thread, at);
                self.name(&["drain"]);
                self.close();
            }
            What::End(how) => self.end(thread, at, how),
            What::Wait { task, name, waits, from } => {
                for (ph, at) in [('b', *from), ('e', at.max(*from))] {
                    self.open(ph, "wait", NO_THREAD, at);
                    self.name(&[waits.name()]);
                    self.id(*task);
                    if ph == 'b' {
                        self.arguments(|text| {
                            text.task(*task);
                            text.argument("name", name.as_deref());
                        });
                    }
                    self.close();
                }
            }
            What::Ended { task, name, status, reason } => {
                self.open('n', "wait", NO_THREAD, at);
                self.name(&[status.name()]);
                self.id(*task);
                self.arguments(|text| {
                    text.task(*task);
                    text.argument("name", name.as_deref());
                    text.argument("reason", Some(*reason).filter(|reason| !reason.is_empty()));
                });
                self.close();
            }
            What::Counts(counts) => self.counts(at, counts),
        }
    }

    fn thread(&mut self, thread: u32, role: &Role) {
        let (name, place) = match role {
            Role::Receiver => ("UI thread: drains and slots".to_owned(), 1),
            Role::Worker(number, Crew::Foreground) => (format!("worker {number}"), 1_000 + number),
            Role::Worker(number, Crew::Background) => (format!("worker {number} (Low)"), 1_000 + number),
            Role::Timer => ("timer".to_owned(), 2),
            Role::Other(thread) => (thread.name().unwrap_or("a thread").to_owned(), 3),
        };
        self.track(thread, &name, place);
    }

    fn track(&mut self, thread: u32, name: &str, place: u32) {
        self.metadata("thread_name", thread, |text| text.argument("name", Some(name)));
        self.metadata("thread_sort_index", thread, |text| text.number("sort_index", place.into()));
    }

    pub fn counts(&mut self, at: Nanos, counts: &Counts) {
        let waiting = [
            ("High", counts.high),
            ("Normal", counts.normal),
            ("Low", counts.low),
            ("must run", counts.must_run),
            ("held back", counts.held_back),
        ];
        for (name, values) in [("waiting tasks", &waiting[..]), ("busy workers", &[("busy", counts.busy)])] {
            self.open('C', "counts", NO_THREAD, at);
            self.name(&[name]);
            self.arguments(|text| values.iter().for_each(|(name, value)| text.number(name, (*value).into())));
            self.close();
        }
    }

    pub fn lost(&mut self, lost: u64) {
        let at = self.last;
        self.open('i', "trace", NO_THREAD, at);
        self.name(&["events were lost: the file could not be written in time"]);
        self.put(",\"s\":\"g\"");
        self.arguments(|text| text.number("lost", lost));
        self.close();
    }

    /// Ends what has no end yet, and the trace.
    pub fn finish(&mut self, lost: u64) {
        let at = self.last;
        for (thread, open) in std::mem::take(&mut self.open) {
            for _ in 0..open {
                self.open('E', "", thread, at);
                self.arguments(|text| text.argument("ended", Some("not before the trace did")));
                self.close();
            }
        }
        self.open('i', "trace", NO_THREAD, at);
        self.name(&["the trace ends"]);
        self.put(",\"s\":\"g\"");
        let events = self.events;
        self.arguments(|text| {
            text.number("events", events);
            text.number("lost", lost);
        });
        self.close();
    }
}

fn shown(who: &Who) -> &str {
    who.name.as_deref().or(who.job.as_deref()).unwrap_or("task")
}

/// A number, with `least` digits at least. It is much of what is written, and `write!` takes longer.
fn digits<const BASE: u64>(into: &mut Vec<u8>, mut number: u64, least: usize) {
    let mut text = [b'0'; 20];
    let mut at = text.len();
    while number > 0 || text.len() - at < least {
        at -= 1;
        text[at] = b"0123456789abcdef"[(number % BASE) as usize];
        number /= BASE;
    }
    into.extend_from_slice(&text[at..]);
}

/// As JSON wants it within quotation marks.
fn escape(into: &mut Vec<u8>, text: &str) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        into.extend_from_slice(text.as_bytes());
        return;
    }
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => into.extend([b'\\', byte]),
            0..0x20 => {
                into.extend_from_slice(b"\\u");
                digits::<16>(into, byte.into(), 4);
            }
            byte => into.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b360_numbers_are_written_as_they_are() {
        let mut text = Vec::new();
        for (number, least) in [(0, 1), (7, 3), (1_230, 3)] {
            digits::<10>(&mut text, number, least);
            text.push(b' ');
        }
        digits::<10>(&mut text, u64::MAX, 1);
        digits::<16>(&mut text, u64::MAX, 1);
        assert_eq!(text, b"0 007 1230 18446744073709551615ffffffffffffffff");
    }

    #[test]
    fn b360_names_are_escaped() {
        let mut text = Vec::new();
        escape(&mut text, "a \"b\" \\ \n\t\u{1} é 漢 \u{2028}");
        assert_eq!(String::from_utf8(text).unwrap(), "a \\\"b\\\" \\\\ \\u000a\\u0009\\u0001 é 漢 \u{2028}");
    }
}
