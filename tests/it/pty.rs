//! The playground in a pseudo-terminal: what the person sees, and that the terminal is as it was afterwards. The
//! program's real binary is used, so each test here proves something that no lower one can.

mod endings;
mod kept;
mod kit;
mod modes;
mod sizes;
mod stepping;
mod using;

pub use kit::Setup;
