//! What is known of the numbers below a million: found out by three tasks, shown by the properties of one object.

use std::error::Error;
use std::pin::Pin;
use std::time::Duration;

use cxx_qt::CxxQtType;
use cxx_qt_lib::QString;
use legwork::{Local, LocalTask, TaskContext, TaskError, sleep, tasks};

#[cxx_qt::bridge]
mod ffi {
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
    }

    extern "RustQt" {
        #[qobject]
        #[qml_element]
        #[qproperty(QString, text)]
        #[qproperty(bool, busy)]
        type Numbers = super::NumbersRust;

        #[qinvokable]
        fn load(self: Pin<&mut Numbers>);

        #[qinvokable]
        fn stop(self: Pin<&mut Numbers>);
    }
}

#[derive(Default)]
pub struct NumbersRust {
    text: QString,
    busy: bool,
    loading: Option<LocalTask>,
}

/// How many numbers there are below `end` of which `is` says so.
fn count(context: &TaskContext, end: u32, is: fn(u32) -> bool) -> Result<u32, TaskError> {
    let mut found = 0;
    for number in 0..end {
        if number % 1_000 == 0 {
            context.checkpoint()?; // ends here if the task is cancelled
        }
        found += u32::from(is(number));
    }
    Ok(found)
}

fn is_prime(number: u32) -> bool {
    number > 1 && (2..=number.isqrt()).all(|divisor| !number.is_multiple_of(divisor))
}

fn is_square(number: u32) -> bool {
    number.isqrt().pow(2) == number
}

fn is_palindrome(number: u32) -> bool {
    let text = number.to_string();
    text.bytes().eq(text.bytes().rev())
}

// [find]
async fn find() -> Result<String, Box<dyn Error + Send + Sync>> {
    let below = 1_000_000;
    // Each is on its way before the first is awaited.
    let primes = tasks().task(move |context| count(context, below, is_prime)).name("Primes").spawn()?;
    let squares = tasks().task(move |context| count(context, below, is_square)).name("Squares").spawn()?;
    let same = tasks().task(move |context| count(context, below, is_palindrome)).name("Same").spawn()?;
    let (primes, squares, same) = (primes.await?, squares.await?, same.await?);
    // A moment more: what flickers cannot be read.
    sleep(Duration::from_millis(300)).await;
    Ok(format!("{primes} primes, {squares} squares, {same} palindromes"))
}
// [find]

impl ffi::Numbers {
    // [load]
    fn load(mut self: Pin<&mut Self>) {
        self.as_mut().stop();
        self.as_mut().set_busy(true);
        let loading = legwork::local(self.as_mut(), async |me: Local<Self>| {
            let text = find().await.unwrap_or_else(|error| error.to_string());
            me.with(|mut numbers| {
                numbers.as_mut().set_text(QString::from(&text));
                numbers.set_busy(false);
            });
        });
        match loading {
            Ok(loading) => self.rust_mut().loading = Some(loading),
            Err(error) => self.set_text(QString::from(&error.to_string())),
        }
    }
    // [load]

    fn stop(mut self: Pin<&mut Self>) {
        // The tasks that it has begun go on: an application that minds cancels them, too.
        if let Some(loading) = self.as_mut().rust_mut().loading.take() {
            loading.cancel();
            self.set_busy(false);
        }
    }
}
