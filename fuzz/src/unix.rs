//! Formats that several Unix systems share: one function per file of `pslens_parse::unix`.

use pslens_parse::unix as parse;

use crate::{Target, drain};

pub(crate) const TARGETS: &[Target] = &[Target {
    name: "unix_utmpx",
    run: unix_utmpx,
    fixtures: &[],
}];

/// Login records, in all four layouts.
pub fn unix_utmpx(data: &[u8]) {
    use parse::utmpx::{Layout, Order, Width};
    for width in [Width::Narrow, Width::Wide] {
        for order in [Order::Little, Order::Big] {
            let layout = Layout::of(data, Layout { width, order });
            drain(data, parse::utmpx::rows(data, layout));
            drain(data, parse::utmpx::rows(data, Layout { width, order }));
        }
    }
}
