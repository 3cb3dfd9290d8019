//! Made evidence, what is said over it, and that every form says the same and lets nothing act.

pub(crate) mod made;

mod choosing;
mod comparing;
mod forms;
mod hostile;
mod sentences;
mod sharing;
