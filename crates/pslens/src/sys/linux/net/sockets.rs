//! Collecting sockets: each once, with all its owners.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::net::{Address, AddressFamily, Connection, ConnectionKind, SocketOwner, SocketType};

/// A hash table by inode.
type ByInode<T> = HashMap<u64, T, BuildHasherDefault<InodeHasher>>;

/// Sockets found so far.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    rows: Vec<Connection>,
    by_inode: ByInode<usize>,
    /// Further rows with an inode that another row had first. That is not the kernel's doing but a
    /// local socket's name that passes for a row: both are kept, so that neither hides the other.
    twins: ByInode<Vec<usize>>,
    /// Local sockets without inode.
    pending: HashSet<(SocketType, Option<Address>)>,
    wanted: Wanted,
    /// How many inodes were found.
    found: usize,
}

#[derive(Debug, Default)]
enum Wanted {
    #[default]
    All,
    /// Those that somebody can hold.
    WithInode,
    /// Those that a process holds.
    Held(ByInode<Vec<SocketOwner>>),
}

/// How far back the same socket without inode can be. A table is a hash table that is read in pieces;
/// if it changes between two pieces, rows of the bucket at the border may come again.
const BUCKET: usize = 16;

impl Sockets {
    /// For every socket that is added.
    pub(super) fn all() -> Self {
        Self::default()
    }

    /// For the sockets that [`Sockets::of_holder`] can be asked for.
    pub(super) fn with_inode() -> Self {
        Self {
            wanted: Wanted::WithInode,
            ..Self::default()
        }
    }

    /// For the sockets of one process.
    pub(super) fn held(owners: impl Iterator<Item = (u64, SocketOwner)>) -> Self {
        let mut held = ByInode::<Vec<SocketOwner>>::default();
        for (inode, owner) in owners {
            held.entry(inode).or_default().push(owner);
        }
        Self {
            wanted: Wanted::Held(held),
            ..Self::default()
        }
    }

    /// True if nothing more is wanted.
    pub(super) fn is_complete(&self) -> bool {
        matches!(&self.wanted, Wanted::Held(held) if self.found >= held.len())
    }

    /// Adds a socket, unless it is there or not wanted.
    pub(super) fn add(&mut self, mut row: Connection) {
        let Some(inode) = row.inode else {
            if matches!(self.wanted, Wanted::All) && self.is_new_without_inode(&row) {
                self.rows.push(row);
            }
            return;
        };
        if let Wanted::Held(held) = &self.wanted {
            let Some(owners) = held.get(&inode) else {
                return;
            };
            row.owners.clone_from(owners);
        }
        let position = self.rows.len();
        match self.by_inode.entry(inode) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(position);
                self.found += 1;
            }
            std::collections::hash_map::Entry::Occupied(entry) => {
                let twins = self.twins.entry(inode).or_default();
                let last = twins.last().unwrap_or(entry.get());
                let mut others = [*entry.get(), *last].into_iter();
                if others.any(|other| is_same(&self.rows[other], &row)) {
                    return;
                }
                twins.push(position);
            }
        }
        self.rows.push(row);
    }

    fn is_new_without_inode(&mut self, row: &Connection) -> bool {
        if row.family == AddressFamily::Unix {
            let key = (row.socket_type, row.local.clone());
            return self.pending.insert(key);
        }
        let mut recent = self.rows.iter().rev().take(BUCKET);
        !recent.any(|other| other.inode.is_none() && is_same(other, row))
    }

    /// Notes who holds a socket, if it is there.
    pub(super) fn add_owner(&mut self, inode: u64, owner: SocketOwner) {
        let Some(&first) = self.by_inode.get(&inode) else {
            return;
        };
        self.rows[first].owners.push(owner);
        // Almost always empty.
        if let Some(twins) = self.twins.get(&inode) {
            for &twin in twins {
                self.rows[twin].owners.push(owner);
            }
        }
    }

    /// The sockets of one kind that a process holds, in the order of the tables.
    pub(super) fn of_holder(
        &self,
        owners: impl Iterator<Item = (u64, SocketOwner)>,
        kind: ConnectionKind,
    ) -> Vec<Connection> {
        let mut found: Vec<(usize, SocketOwner)> = Vec::new();
        for (inode, owner) in owners {
            let first = self.by_inode.get(&inode);
            let twins = self.twins.get(&inode).into_iter().flatten();
            let rows = first.into_iter().chain(twins).filter(|&&row| {
                let row = &self.rows[row];
                kind.includes(row.family, row.socket_type)
            });
            found.extend(rows.map(|&row| (row, owner)));
        }
        found.sort_unstable();
        found
            .chunk_by(|one, other| one.0 == other.0)
            .map(|same| Connection {
                owners: same.iter().map(|&(_, owner)| owner).collect(),
                ..self.rows[same[0].0].clone()
            })
            .collect()
    }

    /// A place to return to.
    pub(super) fn mark(&self) -> usize {
        self.rows.len()
    }

    /// Forgets what was added since `mark`.
    pub(super) fn roll_back(&mut self, mark: usize) {
        self.rows.truncate(mark);
        self.by_inode.retain(|_, position| *position < mark);
        self.found = self.by_inode.len();
        for twins in self.twins.values_mut() {
            twins.retain(|position| *position < mark);
        }
        // Only the last table has any.
        self.pending.clear();
    }

    pub(super) fn finish(mut self) -> Vec<Connection> {
        for row in &mut self.rows {
            row.owners.sort_unstable();
        }
        self.rows
    }
}

/// The same socket, even if it has changed its state meanwhile.
fn is_same(one: &Connection, other: &Connection) -> bool {
    one.local == other.local
        && one.remote == other.remote
        && one.family == other.family
        && one.socket_type == other.socket_type
}

/// Inodes are counted up by the kernel: nobody can choose them so that they collide here.
#[derive(Debug, Default)]
struct InodeHasher(u64);

impl Hasher for InodeHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(self.0 ^ u64::from(byte));
        }
    }

    fn write_u64(&mut self, inode: u64) {
        // The golden ratio in 64 bits: spreads consecutive numbers over the upper bits.
        let spread = inode.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ (spread >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Pid;

    fn local(inode: u64, name: &str) -> Connection {
        Connection {
            family: AddressFamily::Unix,
            local: Some(Address::Unix(name.into())),
            inode: (inode != 0).then_some(inode),
            ..Connection::default()
        }
    }

    fn remote(inode: u64, port: u16) -> Connection {
        Connection {
            remote: Some(Address::Inet(([192, 0, 2, 1], port).into())),
            inode: (inode != 0).then_some(inode),
            ..Connection::default()
        }
    }

    /// Inodes and the descriptors that lead to them.
    const HELD: [(u64, u32); 2] = [(1, 4), (1, 3)];

    fn owned((inode, fd): (u64, u32)) -> (u64, SocketOwner) {
        (inode, SocketOwner::new(Pid::from(7), fd))
    }

    fn fds(row: &Connection) -> Vec<u32> {
        row.owners.iter().filter_map(|owner| owner.fd).collect()
    }

    #[test]
    fn a_socket_is_listed_once() {
        let mut sockets = Sockets::all();
        for _ in 0..2 {
            sockets.add(remote(1, 80));
            sockets.add(remote(0, 81));
            sockets.add(remote(0, 82));
            sockets.add(local(0, "x"));
            sockets.add(local(2, "x"));
        }
        assert_eq!(sockets.finish().len(), 5);
    }

    #[test]
    fn a_forged_row_does_not_hide_the_real_one() {
        let owner = SocketOwner::new(Pid::from(7), 3);
        let mut sockets = Sockets::all();
        for name in ["forged", "real", "real"] {
            sockets.add(local(1, name));
        }
        sockets.add_owner(1, owner);
        let rows = sockets.finish();
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.owners == [owner]));
    }

    #[test]
    fn a_table_that_failed_half_way_is_forgotten() {
        let mut sockets = Sockets::all();
        sockets.add(remote(1, 80));
        let mark = sockets.mark();
        sockets.add(remote(2, 81));
        sockets.add(local(1, "twin"));
        sockets.add(local(0, "pending"));
        sockets.roll_back(mark);
        sockets.add(remote(2, 81));
        sockets.add(local(0, "pending"));
        sockets.add_owner(1, SocketOwner::default());
        let rows = sockets.finish();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0].owners.len(), 1);
    }

    #[test]
    fn only_held_sockets_are_wanted_and_their_number_is_known() {
        assert!(Sockets::held(std::iter::empty()).is_complete());
        let mut sockets = Sockets::held(HELD.map(owned).into_iter());
        assert!(!sockets.is_complete());
        sockets.add(remote(2, 80));
        sockets.add(remote(0, 80));
        assert!(!sockets.is_complete());
        sockets.add(remote(1, 80));
        assert!(sockets.is_complete());
        let rows = sockets.finish();
        assert_eq!(rows.len(), 1);
        assert_eq!(fds(&rows[0]), [3, 4]);
    }

    #[test]
    fn what_was_remembered_answers_as_what_is_read_for_one_process() {
        let mut remembered = Sockets::with_inode();
        let mut read = Sockets::held(HELD.map(owned).into_iter());
        for row in [
            local(9, "x"),
            remote(0, 79),
            remote(1, 80),
            remote(2, 80),
            local(1, "forged"),
        ] {
            remembered.add(row.clone());
            read.add(row);
        }
        let of = |kind| remembered.of_holder(HELD.map(owned).into_iter(), kind);
        assert_eq!(of(ConnectionKind::All), read.finish());
        let inet = of(ConnectionKind::Inet);
        assert_eq!(inet.len(), 1);
        assert_eq!(fds(&inet[0]), [3, 4]);
        assert_eq!(of(ConnectionKind::Udp), []);
        assert_eq!(remembered.finish().len(), 4);
    }
}
