//! Windows: one function per structure of `pslens_parse::windows`.

use crate::Target;

pub(crate) const TARGETS: &[Target] = &[];
