//! Scripts from Rust. What they can do is tested in QML (tests/qml/tst_scripts.qml).

use std::time::Duration;

use legwork::{ErrorKind, SpawnError, Status, Value, WaitError, tasks};

use crate::support::process_until;

fn work() -> String {
    let work = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../qml/scripts/work.mjs");
    work.canonicalize().unwrap().display().to_string()
}

/// A result, an error with its place, and an interruption.
pub fn b89_a_script_from_rust() {
    let sum = tasks().script(&work(), "sum", [Value::Int(1), Value::Float(2.5)]).unwrap().spawn().unwrap();
    assert_eq!(sum.wait(None).unwrap().to::<f64>(), Some(3.5));

    let fails =
        tasks().script(&format!("file://{}", work()), "fails", Vec::<Value>::new()).unwrap().spawn().unwrap();
    let Err(WaitError::Failed(error)) = fails.wait(None) else { panic!("it did not fail") };
    assert_eq!((error.kind(), error.message()), (ErrorKind::Script, "RangeError: no such price"));
    let place = error.place().unwrap();
    assert!(
        place.file.ends_with("work.mjs") && place.line > 0 && place.stack.starts_with("fails@"),
        "{place:?}"
    );

    let endless = tasks().script(&work(), "endless", Vec::<Value>::new()).unwrap().spawn().unwrap();
    process_until("the start", || endless.status() == Status::Running);
    endless.cancel();
    assert!(matches!(endless.wait(None), Err(WaitError::Cancelled(_))));

    let runs = tasks().periodic_script(Duration::from_millis(1), &work(), "sum", [Value::Int(1)]).unwrap();
    let runs = runs.spawn().unwrap();
    process_until("the third run", || runs.info().is_some_and(|info| info.iteration >= 3));
    runs.cancel();
    process_until("the end", || tasks().counts().live == 0);

    let relative = tasks().script("work.mjs", "sum", Vec::<Value>::new());
    assert!(matches!(relative.err(), Some(SpawnError::Module(text)) if text.contains("is relative")));
}
