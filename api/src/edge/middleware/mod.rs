//! An edge in front of somebody's HTTP component: what it is told, and what it hands on.

mod behaviors;
pub mod forward;
mod keys;
mod settings;

pub use behaviors::{Row, is_ambiguous};
pub use settings::{Settings, VARIABLES};
