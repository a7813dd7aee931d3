//! Where is read: there is nothing but the running system.

use pslens::Root;
use pyo3::prelude::*;

#[expect(
    clippy::unnecessary_wraps,
    reason = "on other systems a program chooses, and may choose wrongly"
)]
pub(crate) fn current(_py: Python<'_>) -> PyResult<Root> {
    Ok(Root::running())
}
