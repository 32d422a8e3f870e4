//! New tasks: `runInThread`, `runLater`, `runPeriodic`, `runScript`, each with less and less arguments.

use std::pin::Pin;
use std::time::Duration;

use cxx::UniquePtr;
use cxx_qt_lib::{QString, QVariant};

use super::{TaskManager, args};
use crate::engine::TaskId;
use crate::qt::checks::milliseconds;
use crate::qt::face;
use crate::qt::id::id_text;
use crate::qt::options::{self, Call, Options, When};
use crate::qt::owners::unpack_owner;
use crate::qt::values::read;
use crate::qt::work::Work;

/// When a task is to run, as the caller said it.
enum Time<'a> {
    Now,
    Later(&'a QVariant),
    Every(&'a QVariant),
    /// As `options::schedule` reads it.
    InOptions,
}

impl TaskManager {
    fn submit(
        mut self: Pin<&mut Self>,
        work: impl FnOnce() -> Result<Work, String>,
        args_in: &QVariant,
        options_in: &QVariant,
        time: Time<'_>,
    ) -> QString {
        if !self.as_mut().on_its_thread() {
            return QString::default();
        }
        match Self::try_submit(work, args_in, options_in, time) {
            Ok((id, taken)) => {
                let id = id_text(id);
                face::keep_callbacks(self.face_pin(), &id, taken);
                id
            }
            Err(message) => {
                self.fail(&message);
                QString::default()
            }
        }
    }

    fn try_submit(
        work: impl FnOnce() -> Result<Work, String>,
        args_in: &QVariant,
        options_in: &QVariant,
        time: Time<'_>,
    ) -> Result<(TaskId, UniquePtr<face::TakenOptions>), String> {
        let work = work()?;
        // These two may run JavaScript (a getter), which may come back here.
        let args = args(read(args_in, "args")?)?;
        let taken = face::take_options(options_in);
        if !taken.error().is_empty() {
            return Err(taken.error().to_string());
        }
        let mut options = read(taken.rest(), "options")?;
        let (when, call) = match time {
            Time::Now => (When::default(), Call::Plain),
            Time::Later(delay) => {
                let delay = milliseconds(&read(delay, "delayMs")?, "delayMs", 0.0)?;
                (When { delay, interval: None }, Call::Plain)
            }
            Time::Every(interval) => {
                let interval = milliseconds(&read(interval, "intervalMs")?, "intervalMs", 1.0)?;
                (When { delay: Duration::ZERO, interval: Some(interval) }, Call::Periodic)
            }
            Time::InOptions => {
                let when = options::schedule(&mut options)?;
                let periodic = when.interval.is_some();
                (when, Call::Scheduled { periodic })
            }
        };
        let options = Options::read(&options, call)?.hearing_start(taken.hears_start());
        let builder = work.builder(args, when.interval.map(|interval| options.periodic(interval)));
        let builder = builder.map_err(|error| error.to_string())?.delay(when.delay);
        let builder = options.apply(builder).owner_id(unpack_owner(taken.owner()));
        let id = builder.spawn_id().map_err(|error| error.to_string())?;
        Ok((id, taken))
    }

    pub(super) fn run_in_thread(
        self: Pin<&mut Self>,
        job: &QString,
        args: &QVariant,
        options: &QVariant,
    ) -> QString {
        self.submit(|| Work::job(job), args, options, Time::Now)
    }

    pub(super) fn run_in_thread2(self: Pin<&mut Self>, job: &QString, args: &QVariant) -> QString {
        self.submit(|| Work::job(job), args, &QVariant::default(), Time::Now)
    }

    pub(super) fn run_in_thread1(self: Pin<&mut Self>, job: &QString) -> QString {
        self.submit(|| Work::job(job), &QVariant::default(), &QVariant::default(), Time::Now)
    }

    pub(super) fn run_later(
        self: Pin<&mut Self>,
        delay_ms: &QVariant,
        job: &QString,
        args: &QVariant,
        options: &QVariant,
    ) -> QString {
        self.submit(|| Work::job(job), args, options, Time::Later(delay_ms))
    }

    pub(super) fn run_later3(
        self: Pin<&mut Self>,
        delay_ms: &QVariant,
        job: &QString,
        args: &QVariant,
    ) -> QString {
        self.submit(|| Work::job(job), args, &QVariant::default(), Time::Later(delay_ms))
    }

    pub(super) fn run_later2(self: Pin<&mut Self>, delay_ms: &QVariant, job: &QString) -> QString {
        self.submit(|| Work::job(job), &QVariant::default(), &QVariant::default(), Time::Later(delay_ms))
    }

    pub(super) fn run_periodic(
        self: Pin<&mut Self>,
        interval_ms: &QVariant,
        job: &QString,
        args: &QVariant,
        options: &QVariant,
    ) -> QString {
        self.submit(|| Work::job(job), args, options, Time::Every(interval_ms))
    }

    pub(super) fn run_periodic3(
        self: Pin<&mut Self>,
        interval_ms: &QVariant,
        job: &QString,
        args: &QVariant,
    ) -> QString {
        self.submit(|| Work::job(job), args, &QVariant::default(), Time::Every(interval_ms))
    }

    pub(super) fn run_periodic2(self: Pin<&mut Self>, interval_ms: &QVariant, job: &QString) -> QString {
        self.submit(|| Work::job(job), &QVariant::default(), &QVariant::default(), Time::Every(interval_ms))
    }

    pub(super) fn run_script(
        self: Pin<&mut Self>,
        url: &QVariant,
        function: &QString,
        args: &QVariant,
        options: &QVariant,
    ) -> QString {
        self.submit(|| Work::script(url, function), args, options, Time::InOptions)
    }

    pub(super) fn run_script3(
        self: Pin<&mut Self>,
        url: &QVariant,
        function: &QString,
        args: &QVariant,
    ) -> QString {
        self.run_script(url, function, args, &QVariant::default())
    }

    pub(super) fn run_script2(self: Pin<&mut Self>, url: &QVariant, function: &QString) -> QString {
        self.run_script(url, function, &QVariant::default(), &QVariant::default())
    }
}
