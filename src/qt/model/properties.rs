//! The properties of a `TaskModel`: what it is asked for, and what it counts.

use std::ops::RangeInclusive;
use std::pin::Pin;

use cxx_qt::CxxQtType;
use cxx_qt_lib::{QString, QVariant};

use super::cells::int;
use super::settings::{Filter, Order, Settings};
use super::step::{self, Wanted};
use super::{FILTERS, ORDERS, TaskModel, hub};
use crate::engine::clock::Nanos;
use crate::engine::diagnostics::{self, About};
use crate::qt::int::qint32;
use crate::qt::managers;
use crate::qt::values::read;
use crate::{TaskValue, Value};

const FILTER_OF: [Filter; 4] = [Filter::All, Filter::Active, Filter::Finished, Filter::Failed];

const ORDER_OF: [Order; 3] = [Order::OldestFirst, Order::NewestFirst, Order::RunningFirst];

const MOST_LIMIT: i64 = 1_000_000;
const MOST_LINGER_MS: i64 = i32::MAX as i64;

/// A whole number in a range; else a warning says which property, which value, and what would be right.
fn number(property: &str, value: &QVariant, range: RangeInclusive<i64>, what: &str) -> Option<i64> {
    let value = read(value, property);
    let found = match &value {
        // Neither a text nor a bool is a number here.
        Ok(value @ (Value::Int(_) | Value::UInt(_) | Value::Float(_))) => i64::from_value(value.clone()),
        _ => None,
    };
    let found = found.filter(|number| range.contains(number));
    if found.is_none() {
        let value = value.map_or("no number".to_owned(), |value| value.describe());
        diagnostics::warn(About::Task, format_args!("TaskModel.{property} is {value}; expected {what}"));
    }
    found
}

impl TaskModel {
    /// Changes a setting, and tells of it when the rows are as it says.
    fn set(
        mut self: Pin<&mut Self>,
        wanted: Wanted,
        changed: step::Signal,
        change: impl FnOnce(&mut Settings),
    ) {
        let mut settings = self.settings.clone();
        change(&mut settings);
        if settings == self.settings {
            return;
        }
        self.as_mut().rust_mut().settings = settings;
        let me = self.me;
        if hub::is_there(me) {
            step::want(me, wanted, changed);
        } else {
            changed(self);
        }
    }

    pub(super) fn filter(&self) -> QVariant {
        let at = FILTER_OF.iter().position(|filter| *filter == self.settings.filter);
        int(FILTERS[at.unwrap_or(0)].1)
    }

    pub(super) fn set_filter(self: Pin<&mut Self>, filter: &QVariant) {
        let expected = "TaskModel.All, TaskModel.Active, TaskModel.Finished or TaskModel.Failed";
        let (first, last) = (FILTERS[0].1, FILTERS[3].1);
        if let Some(number) = number("filter", filter, first..=last, expected) {
            let filter = FILTER_OF[(number - first) as usize];
            self.set(Wanted::Reset, Self::filter_changed, |settings| settings.filter = filter);
        }
    }

    pub(super) fn order(&self) -> QVariant {
        let at = ORDER_OF.iter().position(|order| *order == self.settings.order);
        int(ORDERS[at.unwrap_or(0)].1)
    }

    pub(super) fn set_order(self: Pin<&mut Self>, order: &QVariant) {
        let expected = "TaskModel.OldestFirst, TaskModel.NewestFirst or TaskModel.RunningFirst";
        let (first, last) = (ORDERS[0].1, ORDERS[2].1);
        if let Some(number) = number("order", order, first..=last, expected) {
            let order = ORDER_OF[(number - first) as usize];
            self.set(Wanted::Reset, Self::order_changed, |settings| settings.order = order);
        }
    }

    pub(super) fn by_owner(&self) -> bool {
        self.settings.by_owner
    }

    pub(super) fn set_by_owner(self: Pin<&mut Self>, by_owner: bool) {
        self.set(Wanted::Reset, Self::by_owner_changed, |settings| settings.by_owner = by_owner);
    }

    pub(super) fn search(&self) -> QString {
        QString::from(self.settings.search.as_str())
    }

    pub(super) fn set_search(self: Pin<&mut Self>, search: &QString) {
        let search = search.to_string();
        self.set(Wanted::Reset, Self::search_changed, |settings| settings.search = search);
    }

    pub(super) fn owner(&self) -> QString {
        QString::from(self.settings.owner.as_str())
    }

    pub(super) fn set_owner(self: Pin<&mut Self>, owner: &QString) {
        let owner = owner.to_string();
        self.set(Wanted::Reset, Self::owner_changed, |settings| settings.owner = owner);
    }

    pub(super) fn show_delayed(&self) -> bool {
        self.settings.show_delayed
    }

    pub(super) fn set_show_delayed(self: Pin<&mut Self>, show: bool) {
        self.set(Wanted::Reset, Self::show_delayed_changed, |settings| settings.show_delayed = show);
    }

    pub(super) fn linger_ms(&self) -> QVariant {
        int((self.settings.linger / 1_000_000) as i64)
    }

    pub(super) fn set_linger_ms(self: Pin<&mut Self>, linger_ms: &QVariant) {
        let expected = format!("milliseconds, a whole number from 0 to {MOST_LINGER_MS}");
        if let Some(ms) = number("lingerMs", linger_ms, 0..=MOST_LINGER_MS, &expected) {
            let linger = ms as Nanos * 1_000_000;
            self.set(Wanted::Pass, Self::linger_ms_changed, |settings| settings.linger = linger);
        }
    }

    pub(super) fn keep_failures(&self) -> bool {
        self.settings.keep_failures
    }

    pub(super) fn set_keep_failures(self: Pin<&mut Self>, keep: bool) {
        self.set(Wanted::Pass, Self::keep_failures_changed, |settings| settings.keep_failures = keep);
    }

    pub(super) fn limit(&self) -> QVariant {
        int(self.settings.limit as i64)
    }

    pub(super) fn set_limit(self: Pin<&mut Self>, limit: &QVariant) {
        let expected = format!("a whole number from 1 to {MOST_LIMIT}");
        if let Some(limit) = number("limit", limit, 1..=MOST_LIMIT, &expected) {
            self.set(Wanted::Settings, Self::limit_changed, |settings| settings.limit = limit as usize);
        }
    }

    pub(super) fn hold(&self) -> bool {
        self.settings.hold
    }

    pub(super) fn set_hold(self: Pin<&mut Self>, hold: bool) {
        self.set(Wanted::Settings, Self::hold_changed, |settings| settings.hold = hold);
    }

    pub(super) fn ticking(&self) -> bool {
        self.ticking
    }

    pub(super) fn set_ticking(mut self: Pin<&mut Self>, ticking: bool) {
        if ticking == self.ticking {
            return;
        }
        let me = self.me;
        if hub::is_there(me) {
            step::set_ticking(me, ticking);
        } else {
            self.as_mut().rust_mut().ticking = ticking;
        }
        self.ticking_changed();
    }

    pub(super) fn count(&self) -> qint32 {
        managers::int(self.rows.rows().len())
    }

    pub(super) fn hidden_count(&self) -> qint32 {
        managers::int(self.rows.numbers().hidden)
    }

    pub(super) fn running_count(&self) -> qint32 {
        managers::int(self.rows.numbers().running)
    }

    pub(super) fn queued_count(&self) -> qint32 {
        managers::int(self.rows.numbers().queued)
    }

    pub(super) fn delayed_count(&self) -> qint32 {
        managers::int(self.rows.numbers().delayed)
    }

    pub(super) fn failed_count(&self) -> qint32 {
        managers::int(self.rows.numbers().failed)
    }

    pub(super) fn finished_count(&self) -> qint32 {
        managers::int(self.rows.numbers().finished)
    }

    pub(super) fn owner_count(&self) -> qint32 {
        managers::int(self.rows.numbers().owners)
    }

    pub(super) fn cancellable_count(&self) -> qint32 {
        managers::int(self.rows.numbers().cancellable)
    }

    pub(super) fn progress(&self) -> f64 {
        self.rows.numbers().progress
    }
}
