//! `net/dev`, `NETLINK_ROUTE`, `NETLINK_SOCK_DIAG` or the socket tables of procfs, and `[pid]/fd`.
//!
//! Manuals: proc(5), netlink(7), rtnetlink(7), sock_diag(7), netdevice(7).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use pslens_parse::ParseError;
use pslens_parse::linux::net_dev;

use crate::error::{Error, ErrorKind, Result};
use crate::net::IoCounters;
use crate::sys::linux::Root;

mod connections;
mod interfaces;
mod namespaces;
mod netlink;
mod owners;
mod sockets;
mod tables;

pub(crate) use connections::{
    Holder, connections, connections_of, connections_without_owners, remembered_connections_of,
};
pub(crate) use interfaces::{if_addrs, if_stats};
pub(crate) use namespaces::Namespaces;

pub(crate) fn io_counters(root: &Root) -> Result<Vec<(OsString, IoCounters)>> {
    const OPERATION: &str = "net io_counters";
    let text = read_table(root, OPERATION, directories(root), "dev")?;
    let rows = net_dev::rows(&text).map(|row| {
        row.map(|row| {
            let (receive, transmit) = (row.receive, row.transmit);
            let counters = IoCounters {
                bytes_sent: transmit.bytes,
                bytes_recv: receive.bytes,
                packets_sent: transmit.packets,
                packets_recv: receive.packets,
                errin: receive.errs,
                errout: transmit.errs,
                dropin: receive.drop,
                dropout: transmit.drop,
            };
            (OsString::from_vec(row.name.to_vec()), counters)
        })
    });
    good_rows(OPERATION, rows).collect()
}

/// Where the tables of a root's network namespace are: the first that has the file.
///
/// On the running system the calling thread's, which is what netlink answers about. Another root's
/// `net` is a link to the reader's own namespace if that root is a mounted procfs, and may lead
/// nowhere if it was copied: the namespace of a machine is that of its process 1.
fn directories(root: &Root) -> &'static [&'static str] {
    if root.proc_is_running() {
        &["thread-self/net", "net"]
    } else {
        &["1/net", "net"]
    }
}

/// Reads `file` in the first of `directories` that has it.
fn read_table(
    root: &Root,
    operation: &'static str,
    directories: &[&str],
    file: &str,
) -> Result<Vec<u8>> {
    let mut missing = None;
    for directory in directories {
        match root.read_proc(operation, &format!("{directory}/{file}")) {
            Err(error) if error.kind() == ErrorKind::NotFound => missing = Some(error),
            read => return read,
        }
    }
    Err(missing.unwrap_or_else(|| Error::unsupported(operation, "no network tables")))
}

/// The rows that could be decoded. If none could, the first one's error: then it is the format that
/// is not understood, and not a neighbour who chose a strange name.
fn good_rows<T>(
    operation: &'static str,
    rows: impl Iterator<Item = Result<T, ParseError>>,
) -> impl Iterator<Item = Result<T>> {
    let mut rows = rows;
    let mut any = false;
    let mut first = None;
    std::iter::from_fn(move || {
        for row in rows.by_ref() {
            match row {
                Ok(row) => {
                    any = true;
                    return Some(Ok(row));
                }
                Err(error) => {
                    first.get_or_insert(error);
                }
            }
        }
        let error = first.take().filter(|_| !any)?;
        Some(Err(Error::invalid_data(operation, error)))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn root_with(files: &[(&str, &str)]) -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join("proc").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let root = Root::at(&dir.path().join("proc"), &dir.path().join("sys")).unwrap();
        (dir, root)
    }

    const DEV: &str = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";

    #[test]
    fn counters_come_from_the_columns_psutil_takes() {
        let text = format!("{DEV}  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        let (_dir, root) = root_with(&[("net/dev", &text)]);
        let rows = io_counters(&root).unwrap();
        let expect = IoCounters {
            bytes_sent: 9,
            bytes_recv: 1,
            packets_sent: 10,
            packets_recv: 2,
            errin: 3,
            errout: 11,
            dropin: 4,
            dropout: 12,
        };
        assert_eq!(rows, [("eth0".into(), expect)]);
    }

    #[test]
    fn process_1_stands_for_the_machine_of_another_root() {
        let text = |name: &str| format!("{DEV}{name}: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        let (_dir, root) = root_with(&[("net/dev", &text("own0")), ("1/net/dev", &text("host0"))]);
        assert_eq!(io_counters(&root).unwrap()[0].0, "host0");
    }

    #[test]
    fn one_bad_row_is_skipped_and_only_bad_rows_are_an_error() {
        let bad = format!("{DEV}rubbish\n");
        let (_dir, root) = root_with(&[("net/dev", &bad)]);
        assert_eq!(
            io_counters(&root).unwrap_err().kind(),
            ErrorKind::InvalidData
        );
        let good = format!("{bad}lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        let (_dir, root) = root_with(&[("net/dev", &good)]);
        assert_eq!(io_counters(&root).unwrap().len(), 1);
        let (_dir, root) = root_with(&[("net/dev", DEV)]);
        assert_eq!(io_counters(&root).unwrap(), []);
        let (_dir, root) = root_with(&[]);
        assert_eq!(io_counters(&root).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
