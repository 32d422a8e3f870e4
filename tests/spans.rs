//! The feature `tracing`, as an application sees it: by a subscriber, of which a process has one.

#![cfg(all(feature = "tracing", not(feature = "qt")))]
#![expect(clippy::disallowed_types, reason = "no model checker takes part")]

use std::fmt::{Debug, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread::{self, ThreadId};

use legwork::{TaskContext, TaskError, tasks};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What came, in order, each with its thread.
static SEEN: Mutex<Vec<(ThreadId, String)>> = Mutex::new(Vec::new());
static SPANS: AtomicU64 = AtomicU64::new(1);

struct Notes;

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

fn note(text: String) {
    SEEN.lock().unwrap().push((thread::current().id(), text));
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("legwork") || metadata.target() == "spans"
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(String::new());
        span.record(&mut fields);
        let id = SPANS.fetch_add(1, SeqCst);
        note(format!("new {id} {}::{}{}", span.metadata().target(), span.metadata().name(), fields.0));
        Id::from_u64(id)
    }
    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        note(format!("record {}{}", span.into_u64(), fields.0));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        note(format!("event{}", fields.0));
    }
    fn enter(&self, span: &Id) {
        note(format!("enter {}", span.into_u64()));
    }
    fn exit(&self, span: &Id) {
        note(format!("exit {}", span.into_u64()));
    }
}

/// What the thread of the body's event has seen, from the span's begin to its end.
fn around(event: &str) -> Vec<String> {
    let seen = SEEN.lock().unwrap();
    let (thread, _) = seen.iter().find(|(_, text)| text.contains(event)).expect("the event was seen");
    let own: Vec<_> = seen.iter().filter(|(of, _)| of == thread).map(|(_, text)| text.clone()).collect();
    let at = own.iter().position(|text| text.contains(event)).expect("it is there");
    let from = own[..at].iter().rposition(|text| text.starts_with("new")).expect("it is in a span");
    let to = at + own[at..].iter().position(|text| text.starts_with("exit")).expect("which has an end");
    own[from..=to].to_vec()
}

#[test]
fn b395_what_a_body_logs_is_in_a_span_that_names_its_task() {
    tracing::subscriber::set_global_default(Notes).unwrap();
    let owner = tasks().owner("Prices");
    let body = |_: &TaskContext| {
        tracing::info!("in the body");
        1
    };
    let task = tasks().task(body).name("Fetch").owner(&owner).spawn().unwrap();
    let line = line!() - 1;
    task.wait(None).unwrap();
    let seen = around("in the body");
    assert!(seen[0].contains(&format!("legwork::task::task id={}", task.id())), "{seen:?}");
    assert!(seen[0].ends_with("iteration=1 attempt=1"), "{seen:?}");
    let number = seen[0].split(' ').nth(1).unwrap();
    for field in ["name=\"Fetch\"", "owner=\"Prices\""] {
        assert!(seen.contains(&format!("record {number} {field}")), "{field}: {seen:?}");
    }
    if cfg!(feature = "locations") {
        assert!(seen.contains(&format!("record {number} location={}:{line}", file!())), "{seen:?}");
    }
    assert_eq!(
        seen[seen.len() - 3..],
        [format!("enter {number}"), "event message=in the body".to_owned(), format!("exit {number}")]
    );

    // A body that panics leaves its span, too, and a future's polls have one each.
    let panics = |_: &TaskContext| -> Result<i64, TaskError> {
        tracing::info!("before the panic");
        panic!("a test's own");
    };
    assert!(tasks().task(panics).spawn().unwrap().wait(None).is_err());
    assert!(around("before the panic").last().unwrap().starts_with("exit"));
    let future = async {
        tracing::info!("before the sleep");
        legwork::sleep(std::time::Duration::from_millis(1)).await;
        tracing::info!("after the sleep");
        Ok::<_, TaskError>(1_i64)
    };
    tasks().future(future).spawn().unwrap().wait(None).unwrap();
    assert!(around("before the sleep").last().unwrap().starts_with("exit"));
    assert!(around("after the sleep").last().unwrap().starts_with("exit"));
}
