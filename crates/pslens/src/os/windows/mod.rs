//! What only Windows has.

mod console;
mod load;
mod priority;
mod privilege;
mod process;
pub mod services;

pub use console::CtrlEvent;
pub use load::LoadSampler;
pub use priority::PriorityClass;
pub use privilege::enable_debug_privilege;
pub use process::ProcessExt;
