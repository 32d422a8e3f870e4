//! The table of the budgets, its file, and the chart.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::stats::{Measure, digits, spread};

/// What is to be true of a budget.
#[derive(Clone, Copy)]
pub enum Goal {
    /// So many times as good as theirs: `theirs / ours`.
    Times(f64),
    /// At most so many times theirs: `ours / theirs`.
    Within(f64),
    /// At most that, whatever others do.
    AtMost(f64),
    /// Shown, and no budget.
    None,
}

pub struct Budget {
    pub name: String,
    pub unit: &'static str,
    pub ours: Measure,
    /// Of what, and how much.
    pub theirs: Option<(&'static str, Measure)>,
    pub goal: Goal,
}

impl Budget {
    /// How many times as good as theirs.
    fn ratio(&self) -> Option<f64> {
        self.theirs.map(|(_, theirs)| theirs.median / self.ours.median)
    }

    /// `None` where there is no goal.
    pub fn met(&self) -> Option<bool> {
        match self.goal {
            Goal::Times(times) => Some(self.ratio().is_some_and(|ratio| ratio >= times)),
            Goal::Within(times) => Some(self.ratio().is_some_and(|ratio| 1.0 / ratio <= times)),
            Goal::AtMost(most) => Some(self.ours.median <= most),
            Goal::None => None,
        }
    }

    /// Of two measurements of one budget the one that says less for us.
    pub fn worse(self, other: Budget) -> Budget {
        let score = |budget: &Budget| match budget.goal {
            Goal::Times(_) | Goal::Within(_) => budget.ratio().unwrap_or(f64::NAN),
            Goal::AtMost(_) | Goal::None => -budget.ours.median,
        };
        if score(&other) < score(&self) { other } else { self }
    }

    fn goal(&self) -> String {
        match self.goal {
            Goal::Times(times) => format!("{} times as good", digits(times)),
            Goal::Within(times) => format!("at most {} times", digits(times)),
            Goal::AtMost(most) => format!("at most {} {}", digits(most), self.unit),
            Goal::None => String::new(),
        }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "unit": self.unit,
            "ours": self.ours.median,
            "theirs": self.theirs.map(|(_, theirs)| theirs.median),
            "against": self.theirs.map(|(against, _)| against),
            "ratio": self.ratio(),
            "goal": self.goal(),
            "met": self.met(),
        })
    }
}

/// As a table of Markdown.
pub fn table(budgets: &[Budget]) -> String {
    let mut text = String::from(
        "| What | Legwork | Against | Theirs | Ratio | Goal | Met |\n| --- | --: | --- | --: | --: | --- | --- |\n",
    );
    for budget in budgets {
        let (against, theirs) = match &budget.theirs {
            Some((against, theirs)) => (*against, format!("{} {}", spread(theirs), budget.unit)),
            None => ("", String::new()),
        };
        let ratio = match (budget.goal, budget.ratio()) {
            (Goal::Within(_), Some(ratio)) => digits(1.0 / ratio),
            (_, Some(ratio)) => digits(ratio),
            (_, None) => String::new(),
        };
        let met = match budget.met() {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        let _ = writeln!(
            text,
            "| {} | {} {} | {against} | {theirs} | {ratio} | {} | {met} |",
            budget.name,
            spread(&budget.ours),
            budget.unit,
            budget.goal(),
        );
    }
    text
}

/// Writes `budgets.json` and `throughput.svg`.
pub fn write(folder: &Path, budgets: &[Budget], bars: &[(&str, f64)]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let all: Vec<Value> = budgets.iter().map(Budget::json).collect();
    fs::write(folder.join("budgets.json"), serde_json::to_string_pretty(&all)? + "\n")?;
    if !bars.is_empty() {
        fs::write(folder.join("throughput.svg"), chart(bars))?;
    }
    Ok(())
}

/// Nanoseconds a task as bars, the shortest first; readable on a light and on a dark page.
fn chart(bars: &[(&str, f64)]) -> String {
    const ROW: usize = 30;
    const LABEL: f64 = 230.0;
    const WIDTH: f64 = 430.0;
    let mut bars = bars.to_vec();
    bars.sort_by(|one, other| one.1.total_cmp(&other.1));
    let most = bars.last().map_or(1.0, |bar| bar.1);
    let height = bars.len() * ROW + 40;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<title>Nanoseconds from submit to slot, a task</title>\n\
         <text x=\"{LABEL}\" y=\"20\" fill=\"#808080\">nanoseconds a task, from submit to slot: less is better</text>\n"
    );
    for (row, (name, ns)) in bars.iter().enumerate() {
        let y = 32 + row * ROW;
        let width = ns / most * WIDTH;
        let colour = if name.starts_with("legwork") { "#2f9e62" } else { "#8d99ae" };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#808080\">{name}</text>\
             <rect x=\"{LABEL}\" y=\"{y}\" width=\"{width:.1}\" height=\"20\" rx=\"3\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{}\" fill=\"#808080\">{}</text>",
            LABEL - 10.0,
            y + 15,
            LABEL + width + 8.0,
            y + 15,
            digits(*ns),
        );
    }
    svg + "</svg>\n"
}
