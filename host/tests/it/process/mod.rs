//! The program itself: what it writes, which signals it hears, and what it leaves behind.

mod command;
mod compiled;
mod hangup;
mod memory;
mod output;
