//! Medians and their spread.

use std::fmt;

/// What several samples say.
#[derive(Clone, Copy)]
pub struct Measure {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Measure {
    pub fn of(mut samples: Vec<f64>) -> Measure {
        samples.sort_by(f64::total_cmp);
        Measure {
            median: percentile(&samples, 50.0),
            least: samples.first().copied().unwrap_or(f64::NAN),
            most: samples.last().copied().unwrap_or(f64::NAN),
        }
    }

    pub fn only(value: f64) -> Measure {
        Measure { median: value, least: value, most: value }
    }
}

/// By rank, of what is sorted.
pub fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// A number as one reads it, with three digits.
struct Digits(f64);

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.abs() {
            size if size == 0.0 || size >= 100.0 => write!(f, "{:.0}", self.0),
            size if size >= 10.0 => write!(f, "{:.1}", self.0),
            _ => write!(f, "{:.2}", self.0),
        }
    }
}

pub fn digits(value: f64) -> String {
    Digits(value).to_string()
}

/// The median, and the least and the most of the samples.
pub fn spread(measure: &Measure) -> String {
    match measure.least == measure.most {
        true => digits(measure.median),
        false => {
            format!("{} ({}–{})", digits(measure.median), digits(measure.least), digits(measure.most))
        }
    }
}
