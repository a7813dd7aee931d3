//! Linux: one function per file of `pslens_parse::linux`.

use core::hint::black_box;

use pslens_parse::linux as parse;

use crate::Target;

pub(crate) const TARGETS: &[Target] = &[Target {
    name: "linux_loadavg",
    run: linux_loadavg,
    fixtures: &["proc/loadavg"],
}];

/// `/proc/loadavg`.
pub fn linux_loadavg(data: &[u8]) {
    let _ = black_box(parse::loadavg::parse(data));
}
