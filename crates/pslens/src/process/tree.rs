//! Who started whom: children, parents, and what makes both safe against pids that were reused.

use super::identity::{Identity, Sameness};
use super::{Attribute, AttributeSet, Pid, Process};
use crate::error::{ErrorKind, Result};
use crate::sys;

/// A process in the table that the relations are found in.
#[derive(Debug, Clone, Copy)]
struct Link {
    pid: Pid,
    ppid: Pid,
    identity: Identity,
}

/// How far down.
#[derive(Debug, Clone, Copy)]
enum Depth {
    One,
    All,
}

/// Relatives.
impl Process {
    /// The processes that it started and that are still there, in ascending order of the pids.
    ///
    /// A process that only *seems* to be a child, because its parent's pid was given out again, is told by
    /// its age and left out. Zombies are included; what vanishes meanwhile, and what the system hides the
    /// parent of, is not. On Windows ages are by the clock: a child that was started after the clock was set back
    /// seems older than its parent, and is left out as well.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`] if this process is gone.
    /// # Sources
    /// Linux `/proc/*/stat`, each once; Windows `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))] {
    /// let me = pslens::Process::current()?;
    /// for child in me.children()? {
    ///     println!("{}", child.pid());
    ///     assert_ne!(child, me);
    /// }
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "pgrep")]
    pub fn children(&self) -> Result<Vec<Self>> {
        self.relatives(Depth::One, "process children")
    }

    /// Its children, their children, and so on.
    ///
    /// Depth first, siblings in ascending order of the pids: every process comes after its parent and
    /// directly followed by its own descendants, as a tree is printed. Otherwise as
    /// [`Process::children`].
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`] if this process is gone.
    /// # Sources
    /// Linux `/proc/*/stat`, each once; that of a process with children a second time. Windows
    /// `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))] {
    /// let me = pslens::Process::current()?;
    /// assert!(me.children_recursive()?.len() >= me.children()?.len());
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "children")]
    #[doc(alias = "pstree")]
    pub fn children_recursive(&self) -> Result<Vec<Self>> {
        self.relatives(Depth::All, "process children")
    }

    /// The process that started it, or the one that took its place when that ended; `None` if there is
    /// none that can be seen (the first process, a parent outside of the pid namespace, on Windows one that has
    /// ended, whose place nobody takes).
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`] if this process is gone.
    /// # Sources
    /// Linux `/proc/PID/stat` of both; Windows as [`Process::ppid`] and [`Process::new`].
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))] {
    /// let me = pslens::Process::current()?;
    /// if let Some(parent) = me.parent()? {
    ///     assert_eq!(parent.pid(), me.ppid()?);
    ///     assert!(parent.children()?.contains(&me));
    /// }
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "getppid")]
    pub fn parent(&self) -> Result<Option<Self>> {
        let mut ppid = self.ppid()?;
        loop {
            if ppid.as_u32() == 0 || ppid == self.pid {
                return Ok(None);
            }
            let parent = match Self::new_in(ppid, &self.root) {
                Ok(parent) => Some(parent),
                Err(error) if error.kind() == ErrorKind::NoSuchProcess => None,
                Err(error) => return Err(error),
            };
            // A parent that ends leaves its children to another one. So if the number is still the same,
            // it meant the same process throughout, and what has it now did not get it in between. On
            // Windows nobody takes them over, and what got the number later is told by its age.
            let now = self.ppid()?;
            if now == ppid {
                return Ok(parent.filter(|parent| !is_older(&self.identity, &parent.identity)));
            }
            ppid = now;
        }
    }

    /// Its parent, the parent's parent, and so on to the first process.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`] if this process is gone.
    /// # Sources
    /// As [`Process::parent`].
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))] {
    /// let me = pslens::Process::current()?;
    /// let parents = me.parents()?;
    /// assert!(!parents.contains(&me));
    /// assert_eq!(parents.first(), me.parent()?.as_ref());
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn parents(&self) -> Result<Vec<Self>> {
        'restart: loop {
            let mut parents: Vec<Self> = Vec::new();
            let mut next = self.parent()?;
            while let Some(parent) = next {
                // A captured tree can hold a cycle.
                if parent.pid == self.pid || parents.contains(&parent) {
                    break;
                }
                next = match parent.parent() {
                    Ok(next) => next,
                    // It ended meanwhile: those below it have another parent now.
                    Err(error) if error.kind() == ErrorKind::NoSuchProcess => continue 'restart,
                    Err(error) => return Err(error),
                };
                parents.push(parent);
            }
            return Ok(parents);
        }
    }

    fn relatives(&self, depth: Depth, operation: &'static str) -> Result<Vec<Self>> {
        self.target(operation).check()?;
        let wanted = AttributeSet::of(&[Attribute::Ppid]);
        let mut reader = sys::process::Reader::scan(&self.root.0, wanted)?;
        let pids = reader.pids()?;
        let mut table = Vec::with_capacity(pids.len());
        for pid in pids {
            match link(&mut reader, pid, operation) {
                Ok(link) => table.push(link),
                Err(error) => match error.kind() {
                    ErrorKind::NoSuchProcess | ErrorKind::AccessDenied => {}
                    _ => return Err(error),
                },
            }
        }
        let top = Link {
            pid: self.pid,
            ppid: Pid::default(),
            identity: self.identity,
        };
        // A parent that is the same before and after its children were read is theirs. One that is not
        // has none any more: they were handed on when it ended.
        let found = descendants(&top, &table, depth, |link| {
            reader
                .move_to(link.pid)
                .is_ok_and(|now| link.identity.compare(&now) != Sameness::Different)
        });
        self.target(operation).check()?;
        Ok(found
            .into_iter()
            .map(|link| Self::with_identity(link.pid, link.identity, self.root.clone()))
            .collect())
    }
}

fn link(reader: &mut sys::process::Reader, pid: Pid, operation: &'static str) -> Result<Link> {
    let identity = reader.move_to(pid)?;
    let ppid = reader.ppid()?;
    reader.finish(operation)?;
    Ok(Link {
        pid,
        ppid,
        identity,
    })
}

/// Proof that `child` was there before `parent`: it cannot be its child.
///
/// Start times are coarse, so equal ones prove nothing; neither does an unknown one.
fn is_older(child: &Identity, parent: &Identity) -> bool {
    matches!((child.start, parent.start), (Some(child), Some(parent)) if child < parent)
}

/// The processes below `top` in `table`, depth first, siblings in the order of their pids.
///
/// Every process is returned at most once, whatever cycles the table has. `is_still_there` is asked once
/// for every process below `top` that has children; those of one that is gone are left out.
fn descendants<'a>(
    top: &Link,
    table: &'a [Link],
    depth: Depth,
    mut is_still_there: impl FnMut(&Link) -> bool,
) -> Vec<&'a Link> {
    let mut by_parent: Vec<(usize, &Link)> = table.iter().enumerate().collect();
    by_parent.sort_unstable_by_key(|(_, link)| (link.ppid, link.pid));
    let mut seen: Vec<bool> = table.iter().map(|link| link.pid == top.pid).collect();
    // Children of `parent` that were not met before, the last one first: a stack turns them around.
    let mut children = |parent: &Link| -> Vec<&'a Link> {
        let start = by_parent.partition_point(|(_, link)| link.ppid < parent.pid);
        let mut children: Vec<&Link> = by_parent
            .iter()
            .skip(start)
            .take_while(|(_, link)| link.ppid == parent.pid)
            .filter(|(_, link)| !is_older(&link.identity, &parent.identity))
            .filter(|(at, _)| {
                seen.get_mut(*at)
                    .is_some_and(|seen| !std::mem::replace(seen, true))
            })
            .map(|(_, link)| *link)
            .collect();
        children.reverse();
        children
    };
    let mut stack = children(top);
    let mut found = Vec::new();
    while let Some(link) = stack.pop() {
        if let Depth::All = depth {
            let below = children(link);
            if !below.is_empty() && !is_still_there(link) {
                continue;
            }
            stack.extend(below);
        }
        found.push(link);
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link((pid, ppid, start): (u32, u32, Option<u64>)) -> Link {
        Link {
            pid: Pid::from(pid),
            ppid: Pid::from(ppid),
            identity: Identity {
                young: false,
                start,
                unique: None,
            },
        }
    }

    fn below(top: (u32, Option<u64>), table: &[Link], depth: Depth) -> Vec<u32> {
        let top = link((top.0, 0, top.1));
        descendants(&top, table, depth, |_| true)
            .into_iter()
            .map(|link| link.pid.as_u32())
            .collect()
    }

    fn check(table: &[(u32, u32, u64)], top: (u32, u64), direct: &[u32], all: &[u32]) {
        let table: Vec<_> = table
            .iter()
            // 0 stands for unknown.
            .map(|&(pid, ppid, start)| link((pid, ppid, Some(start).filter(|start| *start > 0))))
            .collect();
        let top = (top.0, Some(top.1).filter(|start| *start > 0));
        assert_eq!(below(top, &table, Depth::One), direct, "{table:?}");
        assert_eq!(below(top, &table, Depth::All), all, "{table:?}");
    }

    #[test]
    fn descendants_come_depth_first() {
        let table = [
            (1, 0, 1),
            (2, 1, 2),
            (3, 1, 2),
            (4, 2, 3),
            (5, 2, 3),
            (6, 4, 4),
            (7, 3, 4),
        ];
        check(&table, (1, 1), &[2, 3], &[2, 4, 6, 5, 3, 7]);
        check(&table, (2, 2), &[4, 5], &[4, 6, 5]);
        check(&table, (6, 4), &[], &[]);
        check(&table, (9, 4), &[], &[]);
    }

    #[test]
    fn a_process_older_than_its_parent_is_not_its_child() {
        check(&[(1, 0, 1), (5, 1, 9), (6, 5, 8)], (1, 1), &[5], &[5]);
        check(&[(5, 1, 9), (6, 5, 9)], (5, 9), &[6], &[6]);
        // The start of the one that is asked counts, not that of who has its pid in the table.
        check(&[(5, 1, 1), (6, 5, 8)], (5, 9), &[], &[]);
    }

    #[test]
    fn an_unknown_age_rejects_nobody() {
        check(&[(5, 1, 0), (6, 5, 8), (7, 6, 0)], (5, 0), &[6], &[6, 7]);
        check(&[(5, 1, 9), (6, 5, 0), (7, 6, 1)], (5, 9), &[6], &[6, 7]);
    }

    #[test]
    fn cycles_end() {
        check(&[(5, 5, 1)], (5, 1), &[], &[]);
        check(&[(5, 6, 1), (6, 5, 1)], (5, 1), &[6], &[6]);
        check(
            &[(5, 7, 1), (6, 5, 1), (7, 6, 1), (8, 8, 1)],
            (5, 1),
            &[6],
            &[6, 7],
        );
    }

    #[test]
    fn what_was_below_a_process_that_went_is_left_out() {
        let table = [(5, 1, 1), (6, 5, 1), (7, 6, 1), (8, 5, 1)]
            .map(|(pid, ppid, start)| link((pid, ppid, Some(start))));
        let mut asked = Vec::new();
        let found = descendants(&table[0], &table, Depth::All, |link| {
            asked.push(link.pid.as_u32());
            false
        });
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].pid.as_u32(), 8);
        assert_eq!(asked, [6]);
    }

    proptest! {
        #[test]
        fn everybody_is_found_once_and_below_a_parent(
            rows in proptest::collection::vec((0_u32..12, proptest::option::of(0_u64..4)), 1..12),
            top in 0_usize..12,
        ) {
            let table: Vec<_> = (0_u32..).zip(&rows)
                .map(|(pid, &(ppid, start))| link((pid, ppid, start)))
                .collect();
            let top = table[top % table.len()];
            let all = below((top.pid.as_u32(), top.identity.start), &table, Depth::All);
            let mut known = vec![top.pid.as_u32()];
            for pid in &all {
                prop_assert!(!known.contains(pid), "twice: {}", pid);
                let ppid = rows[*pid as usize].0;
                prop_assert!(known.contains(&ppid), "{} before its parent", pid);
                known.push(*pid);
            }
            for pid in below((top.pid.as_u32(), top.identity.start), &table, Depth::One) {
                prop_assert!(all.contains(&pid));
                prop_assert_eq!(rows[pid as usize].0, top.pid.as_u32());
            }
        }
    }
}
