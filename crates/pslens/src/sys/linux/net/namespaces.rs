//! Network namespaces: which one a process is in, and the tables of those that were read already.

use std::ffi::CString;

use rustix::fs::CWD;

use super::sockets::Sockets;
use super::tables::{Source, TABLES};
use crate::error::Result;
use crate::net::ConnectionKind;
use crate::process::Pid;
use crate::sys::linux::Root;

/// The network namespace of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Namespace {
    /// The text of the link `ns/net`.
    Named(CString),
    /// No link, but tables of its own: a process of a copied root.
    OfProcess(Pid),
    /// Nothing tells it from any other: a kernel before 3.0, a copied root without the links.
    Only,
}

impl Namespace {
    pub(super) fn of(root: &Root, pid: Pid) -> Self {
        if !root.proc_is_running() && !root.proc(format!("{pid}/net")).is_dir() {
            return Self::Only;
        }
        match link(root, &pid.to_string()) {
            Some(name) => Self::Named(name),
            None if root.proc_is_running() => Self::Only,
            None => Self::OfProcess(pid),
        }
    }

    /// Where its tables are, of which `pid` is a member.
    pub(super) fn source<'a>(
        &self,
        root: &'a Root,
        operation: &'static str,
        pid: Pid,
    ) -> Source<'a> {
        let is_ours = match self {
            Self::Named(name) => {
                root.proc_is_running() && link(root, "thread-self").as_ref() == Some(name)
            }
            Self::OfProcess(_) => false,
            Self::Only => true,
        };
        if is_ours {
            Source::of_system(root, operation)
        } else {
            Source::of_directory(root, operation, format!("{pid}/net"))
        }
    }
}

fn link(root: &Root, process: &str) -> Option<CString> {
    let path = root.proc(format!("{process}/ns/net"));
    rustix::fs::readlinkat(CWD, path, Vec::new()).ok()
}

/// The tables that were read, by namespace: one scan of all processes meets few.
#[derive(Debug, Default)]
pub(crate) struct Namespaces {
    known: Vec<(Namespace, Known)>,
}

#[derive(Debug)]
struct Known {
    sockets: Sockets,
    /// Which of [`TABLES`] are in it.
    read: [bool; TABLES.len()],
}

impl Namespaces {
    /// At least the sockets of this kind in the namespace of a process.
    pub(super) fn sockets(
        &mut self,
        root: &Root,
        operation: &'static str,
        pid: Pid,
        kind: ConnectionKind,
    ) -> Result<&Sockets> {
        let namespace = Namespace::of(root, pid);
        let at = self.known.iter().position(|(known, _)| *known == namespace);
        let at = at.unwrap_or_else(|| {
            let nothing = Known {
                sockets: Sockets::with_inode(),
                read: [false; TABLES.len()],
            };
            self.known.push((namespace, nothing));
            self.known.len() - 1
        });
        let (namespace, Known { sockets, read }) = &mut self.known[at];
        let mut source = None;
        for (table, read) in TABLES.into_iter().zip(read) {
            if table.has(kind) && !*read {
                source
                    .get_or_insert_with(|| namespace.source(root, operation, pid))
                    .read_table(table, sockets)?;
                *read = true;
            }
        }
        Ok(sockets)
    }
}
