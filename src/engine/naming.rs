//! What the log calls a task.

use super::inner::Inner;
use super::payload::Payload;

impl<P: Payload> Inner<P> {
    /// A task by its id, and by what else is known of it, as a sentence begins.
    pub fn called(&mut self, slot: u32) -> String {
        let owner = self.tasks.at(slot).owner;
        let owner = self.owners.name(owner);
        let mut text = format!("task {}", self.id(slot));
        let record = self.tasks.at(slot);
        let extra = record.extra.as_deref();
        let mut say = |what: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                text += &format!(", {what} \"{value}\"");
            }
        };
        say("named", extra.and_then(|extra| extra.kept.name.as_deref()));
        say("job", extra.and_then(|extra| extra.job.as_deref()));
        say("of", Some(&*owner));
        if let Some(place) = record.site.place() {
            text += &format!(", submitted at {place},");
        }
        text
    }
}
