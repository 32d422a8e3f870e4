//! What a `TaskModel` is told to do: cancel tasks, take rows out, begin.

use std::pin::Pin;

use cxx_qt_lib::QString;

use super::{TaskModel, hub, step};
use crate::engine::{CancelResult, Status, TaskId};
use crate::qt::id::task_id;
use crate::qt::int::qint32;
use crate::qt::managers;
use crate::tasks;

impl TaskModel {
    pub(super) fn cancel(&self, id: &QString) -> bool {
        let asked =
            |result| matches!(result, CancelResult::CancelledBeforeStart | CancelResult::CancelRequested);
        !self.me.is_null() && task_id(id).is_some_and(|id| asked(tasks().cancel(id)))
    }

    pub(super) fn cancel_all(&self) -> qint32 {
        if self.me.is_null() {
            return qint32::default();
        }
        // What is destroyed with a task may delete this object, so nothing of it is used from here on.
        let settings = self.settings.clone();
        let (mut groups, mut others) = (Vec::new(), Vec::new());
        let mut from = Some(0);
        while let Some(at) = from {
            let (briefs, next) = tasks().engine().briefs(at, 4_096);
            for task in briefs.iter().filter(|task| settings.concerns(task) && settings.cancels(task)) {
                match task.members {
                    Some(_) => groups.push((task.path.len(), task.id)),
                    None => others.push(task.id),
                }
            }
            from = next;
        }
        // First, and the outermost before those in it, so that a group is cancelled, and has not failed as a task of it
        // was. Its tasks are counted, and it is not.
        groups.sort_unstable();
        for (_, group) in groups {
            tasks().cancel(group);
        }
        let asked = |id: &TaskId| match tasks().cancel(*id) {
            CancelResult::AlreadyFinished => tasks().status(*id) == Status::Cancelled,
            asked => asked != CancelResult::UnknownTask,
        };
        managers::int(others.iter().filter(|id| asked(id)).count())
    }

    pub(super) fn set_open(self: Pin<&mut Self>, id: &QString, open: bool) -> bool {
        let me = self.me;
        hub::is_there(me) && task_id(id).is_some_and(|id| step::set_open(me, id, open))
    }

    pub(super) fn dismiss(self: Pin<&mut Self>, id: &QString) -> bool {
        let me = self.me;
        task_id(id).is_some_and(|id| step::dismiss(me, vec![id]) == 1)
    }

    pub(super) fn clear_finished(self: Pin<&mut Self>) -> qint32 {
        let (me, finished) = (self.me, self.rows.finished());
        managers::int(step::dismiss(me, finished))
    }

    pub(super) fn component_complete(mut self: Pin<&mut Self>) {
        self.as_mut().base_component_complete();
        let me = self.me;
        if hub::is_there(me) {
            step::fill(me);
        }
    }
}
