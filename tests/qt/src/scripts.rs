//! Scripts from Rust. What they can do is tested in QML (tests/qml/tst_scripts.qml).

use std::sync::Arc;
use std::time::Duration;

use legwork::{ErrorKind, Opaque, SpawnError, Status, Value, WaitError, tasks};

use crate::support::process_until;

/// The path of a module.
pub fn module(name: &str) -> String {
    let scripts = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../qml/scripts");
    scripts.join(name).canonicalize().unwrap().display().to_string()
}

fn work() -> String {
    module("work.mjs")
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

/// The column of docs/values.md: what a script's function gets.
pub fn b14_arguments_of_a_script() {
    let bytes = Value::Bytes(Arc::new(vec![0, 255]));
    let url = || Value::Url("https://example.org/a%20b".into());
    for (value, expected) in [
        (Value::Undefined, "undefined undefined"),
        (Value::Null, "null null"),
        (Value::Bool(true), "boolean true"),
        (Value::Int(1 << 40), "number 1099511627776"),
        (Value::Int((1 << 53) + 1), "number 9007199254740992"),
        (Value::UInt(u64::MAX), "number 18446744073709552000"),
        (Value::Float(-0.0), "number -0"),
        (Value::Float(0.1), "number 0.1"),
        (Value::text("a\0\u{1F980}"), "string a\0\u{1F980}"),
        (bytes.clone(), "ArrayBuffer 0,255"),
        (Value::Date(-1), "Date -1"),
        // Its text is for people to read: what was encoded is no longer.
        (url(), "object https://example.org/a b"),
        (
            Value::list([Value::Int(1), Value::Null, Value::Undefined, bytes, Value::list([])]),
            "Array [number 1; null null; undefined undefined; ArrayBuffer 0,255; Array []]",
        ),
        (
            Value::map([("a", Value::Date(0)), ("b", Value::map([("c", url())]))]),
            "Object {a: Date 0; b: Object {c: object https://example.org/a b}}",
        ),
        (Value::Opaque(Opaque::new(7)), "undefined undefined"),
    ] {
        let name = format!("{value:?}");
        let seen = tasks().script(&module("values.mjs"), "seen", [value]).unwrap().spawn().unwrap();
        assert_eq!(seen.wait(None).unwrap().to::<String>().as_deref(), Some(expected), "{name}");
    }
    let url = tasks().script(&work(), "echo", [url()]).unwrap().spawn().unwrap().wait(None).unwrap();
    assert_eq!(format!("{url:?}"), "Url(https://example.org/a%20b)", "it comes back whole");
}

/// The column of docs/values.md: what a script's result becomes.
pub fn b14_results_of_a_script() {
    let result = |kind: &str| {
        let made = tasks().script(&module("values.mjs"), "made", [Value::text(kind)]).unwrap();
        made.spawn().unwrap().wait(None)
    };
    for (kind, expected) in [
        ("undefined", "undefined"),
        ("null", "null"),
        ("true", "true"),
        ("3", "3"),
        ("2^53 - 1", "9007199254740991"),
        ("2^53", "9007199254740992.0"),
        ("-0", "-0.0"),
        ("0.5", "0.5"),
        ("NaN", "NaN"),
        ("text", "\"a\u{fffd}b\""),
        ("buffer", "Bytes(2)"),
        ("view", "Bytes(2)"),
        ("date", "Date(-1)"),
        ("url", "Url(https://example.org/a%20b)"),
        ("array", "[1, [undefined, null]]"),
        ("object", "{\"a\": {\"b\": 0.5}}"),
        ("instance", "{\"x\": 1}"),
        ("map", "{}"),
    ] {
        assert_eq!(format!("{:?}", result(kind).unwrap()), expected, "{kind}");
    }
    for (kind, expected) in [
        ("wide view", "the result: a Float64Array cannot leave a script"),
        ("invalid date", "the result: the date is invalid"),
        ("regular expression", "the result: a regular expression cannot leave a script"),
        ("error", "the result: an Error cannot leave a script"),
        ("function", "the result: a function cannot leave a script"),
    ] {
        let Err(WaitError::Failed(error)) = result(kind) else { panic!("{kind} was taken") };
        assert_eq!(error.kind(), ErrorKind::Script);
        assert!(error.message().starts_with(expected), "{kind}: {}", error.message());
    }
}
