//! From a trace to the picture: what is in it (`Panel`), then where that is drawn.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::trace_reader::{Task, Trace};

const WIDTH: f64 = 860.0;
/// Where time begins, right of the names of the tracks.
const LEFT: f64 = 122.0;
const TRACK: f64 = 20.0;
/// How high the hill of those that wait is.
const HILL: f64 = 42.0;
const WAIT: f64 = 16.0;

const GREY: &str = "#808080";
const RUN: &str = "#5b7399";
const SLOT: &str = "#2f8a5b";
const MARKED: &str = "#c8691c";
const LATE: &str = "#c0504d";

/// A delivery that comes so much later than its result is drawn.
const LATE_MS: f64 = 10.0;

/// From when to when, in milliseconds since the first submission.
type Span = (f64, f64);

struct Bar {
    span: Span,
    name: String,
    marked: bool,
}

/// A marked task's wait.
struct Wait {
    span: Span,
    text: String,
}

#[derive(Default)]
struct Lane {
    /// Of those that are not marked.
    waits: Vec<Span>,
    marked: Vec<Wait>,
}

/// What is drawn of one trace.
pub struct Panel {
    caption: String,
    slots: Vec<Bar>,
    workers: Vec<(String, Vec<Bar>)>,
    lanes: Vec<(String, Lane)>,
    /// Results that waited: the end of the run and its worker, and the slot.
    late: Vec<(f64, usize, f64)>,
    end: f64,
}

impl Panel {
    pub fn of(caption: &str, trace: &Trace, marks: &[&str]) -> Panel {
        let submitted = trace.tasks.values().flat_map(|task| &task.submitted);
        let zero = submitted.map(|event| event.ts).min().unwrap_or_default();
        let ms = |ts: u64| ts.saturating_sub(zero) as f64 / 1e6;
        let runs = trace.tasks.values().flat_map(|task| &task.runs);
        let mut threads: Vec<u64> = runs.map(|(begin, _)| begin.tid).collect();
        threads.sort();
        threads.dedup();
        let row = |tid: u64| threads.partition_point(|known| *known < tid);
        let mut workers: Vec<_> =
            threads.iter().map(|tid| (trace.threads[tid].clone(), Vec::new())).collect();
        let (mut slots, mut late, mut lanes) = (Vec::new(), Vec::new(), BTreeMap::<String, Lane>::new());
        for task in trace.tasks.values() {
            let name = name(task);
            let marked = marks.contains(&name.as_str());
            let bar = |from: u64, to: u64| Bar { span: (ms(from), ms(to)), name: name.clone(), marked };
            for (begin, end) in &task.runs {
                workers[row(begin.tid)].1.push(bar(begin.ts, end.ts));
            }
            for (begin, end) in &task.slots {
                slots.push(bar(begin.ts, end.ts));
            }
            let told = task.slots.iter().find(|slot| slot.0.arg("notice") == "completed");
            if let (Some((run, end)), Some((slot, _))) = (task.runs.last(), told)
                && ms(slot.ts) - ms(end.ts) > LATE_MS
            {
                late.push((ms(end.ts), row(run.tid), ms(slot.ts)));
            }
            for (what, from, to) in task.waits.iter().filter(|wait| wait.0.starts_with("waits in")) {
                let (span, lane) = ((ms(*from), ms(*to)), lanes.entry(what.clone()).or_default());
                match marked {
                    true => {
                        lane.marked.push(Wait { span, text: format!("{name}: {:.0} ms", span.1 - span.0) })
                    }
                    false => lane.waits.push(span),
                }
            }
        }
        // The most urgent first; those of nothing but moments say nothing.
        let mut lanes: Vec<_> = lanes.into_iter().collect();
        lanes.sort_by_key(|(what, _)| ["High", "Normal", "Low"].iter().position(|lane| what.ends_with(lane)));
        for (_, lane) in &mut lanes {
            lane.marked.sort_by(|one, other| one.span.0.total_cmp(&other.span.0));
        }
        let ends = workers.iter().flat_map(|worker| &worker.1).chain(&slots).map(|bar| bar.span.1);
        let end = ends.fold(1.0, f64::max);
        Panel { caption: caption.to_owned(), slots, workers, lanes, late, end }
    }

    fn height(&self) -> f64 {
        let lanes = self.lanes.iter().map(|(_, lane)| lane.height()).sum::<f64>();
        26.0 + TRACK * (self.workers.len() as f64 + 1.0) + 10.0 + lanes + 34.0
    }
}

impl Lane {
    fn height(&self) -> f64 {
        let hill = if self.waits.is_empty() { 0.0 } else { HILL + 6.0 };
        (hill + WAIT * self.marked.len() as f64).max(TRACK) + 6.0
    }

    /// How many of the unmarked wait, from each moment on.
    fn steps(&self) -> Vec<(f64, i32)> {
        let mut changes: Vec<(f64, i32)> =
            self.waits.iter().flat_map(|wait| [(wait.0, 1), (wait.1, -1)]).collect();
        changes.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut count = 0;
        changes
            .into_iter()
            .map(|(at, change)| {
                count += change;
                (at, count)
            })
            .collect()
    }
}

fn name(task: &Task) -> String {
    let event = task.runs.first().map(|run| &run.0).or(task.submitted.first());
    event.map(|event| event.name.clone()).unwrap_or_default()
}

/// The whole picture.
pub fn picture(title: &str, panels: &[Panel]) -> String {
    let end = panels.iter().map(|panel| panel.end).fold(1.0, f64::max) * 1.02;
    let height = panels.iter().map(Panel::height).sum::<f64>() + 8.0;
    let mut svg = Svg { text: String::new(), scale: (WIDTH - LEFT - 24.0) / end, end };
    let _ = write!(
        svg.text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<title>{}</title>\n",
        escaped(title)
    );
    let mut y = 0.0;
    for panel in panels {
        svg.panel(panel, y);
        y += panel.height();
    }
    svg.text + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

struct Svg {
    text: String,
    /// Of a millisecond.
    scale: f64,
    end: f64,
}

impl Svg {
    fn x(&self, ms: f64) -> f64 {
        LEFT + ms * self.scale
    }

    fn words(&mut self, x: f64, y: f64, anchor: &str, colour: &str, more: &str, text: &str) {
        let _ = writeln!(
            self.text,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\"{more}>{}</text>",
            escaped(text)
        );
    }

    fn rect(&mut self, (from, to): Span, y: f64, height: f64, colour: &str, opacity: f64) {
        let (x, width) = (self.x(from), ((to - from) * self.scale).max(0.8));
        let _ = writeln!(
            self.text,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"1.5\" fill=\"{colour}\" \
             fill-opacity=\"{opacity}\"/>"
        );
    }

    /// A bar with its name in it, where there is room for that.
    fn bar(&mut self, bar: &Bar, y: f64, colour: &str) {
        let colour = if bar.marked { MARKED } else { colour };
        // Bars that touch are told apart.
        let gap = (0.6 / self.scale).min((bar.span.1 - bar.span.0) / 3.0);
        self.rect((bar.span.0, bar.span.1 - gap), y + 2.0, TRACK - 4.0, colour, 1.0);
        let width = (bar.span.1 - bar.span.0) * self.scale;
        if width > bar.name.len() as f64 * 5.6 + 6.0 {
            let middle = self.x((bar.span.0 + bar.span.1) / 2.0);
            self.words(middle, y + 13.6, "middle", "#ffffff", " font-size=\"10\"", &bar.name);
        }
    }

    fn panel(&mut self, panel: &Panel, top: f64) {
        self.words(LEFT, top + 17.0, "start", GREY, " font-weight=\"bold\" font-size=\"13\"", &panel.caption);
        let top = top + 26.0;
        let bottom = top + panel.height() - 26.0 - 30.0;
        self.axis(top, bottom);
        self.words(LEFT - 8.0, top + 14.0, "end", GREY, "", "UI thread: slots");
        for bar in &panel.slots {
            self.bar(bar, top, SLOT);
        }
        let mut y = top + TRACK;
        for (name, bars) in &panel.workers {
            self.words(LEFT - 8.0, y + 14.0, "end", GREY, "", name);
            for bar in bars {
                self.bar(bar, y, RUN);
            }
            y += TRACK;
        }
        for (end, row, slot) in &panel.late {
            let _ = writeln!(
                self.text,
                "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"{LATE}\" stroke-width=\"0.9\" stroke-opacity=\"0.7\"/>",
                self.x(*end),
                top + TRACK * (*row as f64 + 1.0) + 3.0,
                self.x(*slot),
                top + TRACK - 3.0,
            );
        }
        y += 10.0;
        for (what, lane) in &panel.lanes {
            self.words(LEFT - 8.0, y + 13.0, "end", GREY, "", what);
            self.lane(lane, y);
            y += lane.height();
        }
    }

    fn lane(&mut self, lane: &Lane, mut y: f64) {
        let steps = lane.steps();
        let most = steps.iter().map(|step| step.1).max().unwrap_or_default();
        if most > 0 {
            let ground = y + HILL;
            let height = |count: i32| ground - f64::from(count) / f64::from(most) * HILL;
            let mut path = format!("M{:.1} {ground:.1}", self.x(steps[0].0));
            for (index, (at, count)) in steps.iter().enumerate() {
                // Of those within half a pixel the last one counts.
                let next = steps.get(index + 1).map_or(f64::MAX, |next| next.0);
                if (next - at) * self.scale > 0.5 {
                    let _ = write!(path, "H{:.1}V{:.1}", self.x(*at), height(*count));
                }
            }
            let _ = writeln!(self.text, "<path d=\"{path}Z\" fill=\"{RUN}\" fill-opacity=\"0.45\"/>");
            let highest = steps.iter().find(|step| step.1 == most).map_or(0.0, |step| step.0);
            self.words(
                self.x(highest) + 5.0,
                ground - 5.0,
                "start",
                GREY,
                "",
                &format!("up to {most} tasks"),
            );
            y += HILL + 6.0;
        }
        for wait in &lane.marked {
            self.rect(wait.span, y + 1.0, WAIT - 2.0, MARKED, 0.85);
            let (from, to) = (self.x(wait.span.0), self.x(wait.span.1));
            let room = wait.text.len() as f64 * 6.6 + 8.0;
            // In the bar where there is room, else beside it.
            match (to - from > room, self.x(self.end) - to > room) {
                (true, _) => self.words((from + to) / 2.0, y + 11.0, "middle", "#ffffff", "", &wait.text),
                (_, true) => self.words(to + 5.0, y + 11.0, "start", MARKED, "", &wait.text),
                _ => self.words(from - 5.0, y + 11.0, "end", MARKED, "", &wait.text),
            }
            y += WAIT;
        }
    }

    fn axis(&mut self, top: f64, bottom: f64) {
        let step = [10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 250.0, 500.0, 1000.0, 5000.0]
            .into_iter()
            .find(|step| self.end / step <= 9.0)
            .unwrap_or(10_000.0);
        let mut at = 0.0;
        while at <= self.end {
            let x = self.x(at);
            let _ = writeln!(
                self.text,
                "<path d=\"M{x:.1} {top:.1}V{bottom:.1}\" stroke=\"{GREY}\" stroke-opacity=\"0.25\"/>"
            );
            self.words(x, bottom + 14.0, "middle", GREY, " font-size=\"11\"", &format!("{at:.0} ms"));
            at += step;
        }
    }
}
