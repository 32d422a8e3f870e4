//! New tasks: `runInThread`, `runLater`, `runPeriodic`, `runScript`, `all`, `any`, each with less and less arguments.

use std::pin::Pin;
use std::time::Duration;

use cxx::UniquePtr;
use cxx_qt_lib::{QString, QVariant};

use super::TaskManager;
use crate::engine::{Site, TaskId};
use crate::qt::checks::milliseconds;
use crate::qt::face;
use crate::qt::groups;
use crate::qt::id::id_text;
use crate::qt::keys::WORK_KEYS;
use crate::qt::options::{self, Call, Group, Options, When};
use crate::qt::owners::unpack_owner;
use crate::qt::values::{read, read_args, read_ids};
use crate::qt::work::{Work, refusal};

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
        let site = self.as_mut().site();
        self.give_id(|| Self::try_submit(work, args_in, options_in, time, site))
    }

    /// The line of JavaScript that calls.
    fn site(self: Pin<&mut Self>) -> Site {
        Site::from_number(face::site_of_caller(self.face_pin()))
    }

    /// The id of what is submitted, with the functions that are to be called for it; empty on an error.
    fn give_id(
        mut self: Pin<&mut Self>,
        submit: impl FnOnce() -> Result<(TaskId, UniquePtr<face::TakenOptions>), String>,
    ) -> QString {
        if !self.as_mut().on_its_thread() {
            return QString::default();
        }
        match submit() {
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
        site: Site,
    ) -> Result<(TaskId, UniquePtr<face::TakenOptions>), String> {
        let work = work()?;
        // These two may run JavaScript (a getter), which may come back here.
        let args = read_args(args_in)?;
        let taken = face::take_options(options_in);
        if !taken.error().is_empty() {
            return Err(taken.error().to_string());
        }
        let given = |call| options::given(taken.rest(), call);
        let (when, call, options) = match time {
            Time::Now => (When::default(), Call::Plain, given(Call::Plain)?),
            Time::Later(delay) => {
                let options = given(Call::Plain)?;
                let delay = milliseconds(&read(delay, "delayMs")?, "delayMs", 0.0)?;
                (When { delay, interval: None }, Call::Plain, options)
            }
            Time::Every(interval) => {
                let options = given(Call::Periodic)?;
                let interval = milliseconds(&read(interval, "intervalMs")?, "intervalMs", 1.0)?;
                (When { delay: Duration::ZERO, interval: Some(interval) }, Call::Periodic, options)
            }
            Time::InOptions => {
                let mut options = given(Call::Scheduled { periodic: true })?;
                let when = options::schedule(&mut options)?;
                let periodic = when.interval.is_some();
                (when, Call::Scheduled { periodic }, options)
            }
        };
        let options = Options::read(&options, call)?.hearing(taken.hears_start(), taken.hears_failure());
        let builder = work.builder(args, when.interval.map(|interval| options.periodic(interval)));
        let builder = builder.map_err(refusal)?.delay(when.delay);
        let builder = options.apply(builder).owner_id(unpack_owner(taken.owner()));
        let id = builder.submit(site, false).map_err(refusal)?;
        Ok((id, taken))
    }

    fn submit_group(mut self: Pin<&mut Self>, ids: &QVariant, options: &QVariant, group: Group) -> QString {
        let site = self.as_mut().site();
        let submit = || {
            // Either may run JavaScript (a getter), which may come back here.
            let ids = read_ids(ids, "ids")?;
            let taken = face::take_options(options);
            if !taken.error().is_empty() {
                return Err(taken.error().to_string());
            }
            let hears = |option: &&&str| taken.hears(&QString::from(**option));
            if let Some(option) = WORK_KEYS.iter().find(hears) {
                return Err(options::no_work(option));
            }
            let call = Call::Group(group);
            let options = Options::read(&options::given(taken.rest(), call)?, call)?;
            let options = options.hearing(taken.hears_start(), taken.hears_failure());
            let owner = unpack_owner(taken.owner());
            Ok((groups::submit(&ids, options, group == Group::Any, owner, site)?, taken))
        };
        self.give_id(submit)
    }

    pub(super) fn all(self: Pin<&mut Self>, ids: &QVariant, options: &QVariant) -> QString {
        self.submit_group(ids, options, Group::All)
    }

    pub(super) fn all1(self: Pin<&mut Self>, ids: &QVariant) -> QString {
        self.submit_group(ids, &QVariant::default(), Group::All)
    }

    pub(super) fn any(self: Pin<&mut Self>, ids: &QVariant, options: &QVariant) -> QString {
        self.submit_group(ids, options, Group::Any)
    }

    pub(super) fn any1(self: Pin<&mut Self>, ids: &QVariant) -> QString {
        self.submit_group(ids, &QVariant::default(), Group::Any)
    }

    pub(super) fn result_of(&self, id: &QString) -> QVariant {
        groups::place_of_result(id)
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
