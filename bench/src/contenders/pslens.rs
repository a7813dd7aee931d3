//! Our side of every row.

use super::{Entry, World};

pub fn entry<'a>(_row: &str, _world: &'a World) -> Entry<'a> {
    None
}
