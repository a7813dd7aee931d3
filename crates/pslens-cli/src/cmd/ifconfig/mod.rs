//! `pslens ifconfig`: network interfaces, their addresses and counters.

mod block;
mod interface;

use std::ffi::OsString;

use self::interface::Interface;
use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::listing::{self, Named, View};
use crate::spelling;

/// Network interfaces: what they are set to, their addresses, and what went through them.
///
/// Without NIC, those that are switched on, or of which that is not known. RX is what was received, TX what
/// was sent; errors are all errors, of which ifconfig(8) tells some kinds apart. An IPv4 address that was
/// added under an alias is in its interface's block, with the alias as its label. Settings are shown, never
/// changed: ip(8) changes them.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only this interface, also if it is switched off.
    #[arg(value_name = "NIC")]
    nic: Option<OsString>,
    /// What ifconfig(8) would set.
    #[arg(hide = true)]
    settings: Vec<OsString>,
    /// Also interfaces that are switched off.
    #[arg(short, long)]
    all: bool,
    /// A line for each interface. So do --columns and --csv.
    #[arg(short, long)]
    short: bool,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens ifconfig              interfaces that are switched on
  pslens ifconfig eth0
  pslens ifconfig -a -s        all, in a table
  pslens ifconfig -s --sort -bytes_recv --columns name,bytes_recv,bytes_sent
  pslens ifconfig --json       psutil's net_if_stats(), net_if_addrs() and
                               net_io_counters() in one

Columns: name, mtu, packets_recv, errin, dropin, packets_sent, errout, dropout,
flags; on demand bytes_recv, bytes_sent, isup, speed (megabits per second),
duplex, address.
With --procfs of another system addresses are unknown: only the running system
can be asked for them.
In tables - is unknown, ? is denied (ask as root).
Exit status: 0 done, 1 there is no such NIC, 2 wrong usage, 3 denied, 4 something
about the interfaces is denied, 5 other failures.";

type Columns = &'static Named<Interface>;

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    if let (Some(nic), [_, ..]) = (&args.nic, args.settings.as_slice()) {
        let nic = nic.display();
        let message = format!(
            "ifconfig: this shows interfaces and changes none; to set up '{nic}' use ip(8)"
        );
        return Err(Failure::message(Exit::Usage, message));
    }
    let view: View<Columns> = args.table.view(context)?;
    let in_blocks = !(args.short || context.json || view.is_tabular());
    args.table.repeat(context, |context, out| {
        let mut exit = Exit::Success;
        let interfaces = wanted(args.nic.as_ref(), args.all, &mut exit)?;
        if in_blocks {
            let mut blocks = String::new();
            for interface in view.arrange(interfaces, &context.clock) {
                block::push(&mut blocks, &interface, context.layout);
            }
            out.write_all(blocks.as_bytes())?;
        } else {
            view.show(interfaces, context, out)?;
        }
        Ok(exit)
    })
}

/// The short table, for `netstat -i` too.
pub(super) fn short(table: &listing::Options, all: bool, context: &Context) -> Result<Exit> {
    let view: View<Columns> = table.view(context)?;
    table.repeat(context, |context, out| {
        let mut exit = Exit::Success;
        view.show(wanted(None, all, &mut exit)?, context, out)?;
        Ok(exit)
    })
}

/// The interface that was named, or all, or those that may carry traffic.
fn wanted(nic: Option<&OsString>, all: bool, exit: &mut Exit) -> Result<Vec<Interface>> {
    let mut interfaces = interface::all(exit)?;
    match nic {
        Some(nic) if interfaces.iter().all(|interface| interface.name != *nic) => {
            let names: Vec<_> = interfaces
                .iter()
                .map(|each| each.name.to_string_lossy())
                .collect();
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            let meant = spelling::suggestion(&nic.to_string_lossy(), names.iter().copied());
            let (nic, names) = (nic.display(), names.join(", "));
            let message =
                format!("ifconfig: there is no interface '{nic}'{meant} There are: {names}");
            return Err(Failure::message(Exit::NotFound, message));
        }
        Some(nic) => interfaces.retain(|interface| interface.name == *nic),
        None if all => {}
        None => interfaces.retain(|interface| interface.is_up() != Some(false)),
    }
    Ok(interfaces)
}
