//! The smallest application: a job in Rust, a button in QML that runs it.

use cxx_qt_lib::{QGuiApplication, QQmlApplicationEngine, QUrl};

fn primes(context: &legwork::TaskContext, below: u64) -> Result<u64, legwork::TaskError> {
    let mut found: Vec<u64> = Vec::new();
    for number in 2..below {
        if number % 1_000 == 0 {
            context.checkpoint()?; // ends here if the task is cancelled
            context.set_progress_value(number as f64 / below as f64);
        }
        let mut divisors = found.iter().take_while(|prime| *prime * *prime <= number);
        if divisors.all(|prime| number % prime != 0) {
            found.push(number);
        }
    }
    Ok(found.len() as u64)
}

fn main() {
    let job = |context: &legwork::TaskContext, args: &legwork::Args| primes(context, args.get(0)?);
    legwork::tasks().register_job("primes", job).expect("the name is free");

    let mut application = QGuiApplication::new();
    let mut engine = QQmlApplicationEngine::new();
    if let Some(engine) = engine.as_mut() {
        engine.load(&QUrl::from("qrc:/qt/qml/Hello/qml/Main.qml"));
    }
    if let Some(application) = application.as_mut() {
        application.exec();
    }
}
