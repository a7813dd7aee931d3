//! The reader: one process at a time, each source at most once, all of it of the same process.
//!
//! Everything is tied to the time of creation: a row of the table has it, and so has every handle when it is
//! opened; while one is open its number is given to no other process. What is asked by number is followed by a
//! proof that the process was still there.

use std::os::windows::io::AsHandle;
use std::time::Instant;

use pslens_parse::windows::system_process_information::Process as Row;
use windows_sys::Win32::System::Threading::PROCESS_ACCESS_RIGHTS;

use super::by_number::{ByNumber, Unproved};
use super::handle::Handle;
use super::identity;
use super::names::Names;
use super::open_files::Files;
use super::parameters::Known;
use super::plan::Plan;
use super::table::Table;
use crate::error::{Error, ErrorKind, Result};
use crate::process::{Attribute, AttributeSet, Identity, Pid, Sameness};
use crate::sys::windows::errors::denied;
use crate::sys::windows::{Root, ffi, net};

/// Reads processes, one after the other.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(super) root: Root,
    pub(super) pid: Pid,
    plan: Plan,
    /// Who it must be: whom a getter expects, or a scan found in the table.
    pub(super) identity: Identity,
    /// Many processes are read, one after the other.
    pub(super) is_scan: bool,
    /// All processes, from the first moment of a scan, else from when it was first needed.
    pub(super) table: Option<Table>,
    /// Sockets of all processes.
    pub(super) sockets: net::Tables,
    /// What was opened of the current process, for what, and what was refused.
    pub(super) handles: Vec<(PROCESS_ACCESS_RIGHTS, Option<Handle>)>,
    /// What was asked since the last proof that the process is there.
    pub(super) unproved: Unproved,
    pub(super) by_number: ByNumber,
    /// Where the current process keeps its strings.
    pub(super) parameters: Known,
    pub(super) names: Names,
    /// What looking for open files needs.
    pub(super) files: Files,
    /// Bytes of physical memory.
    pub(super) physical: Option<u64>,
}

impl Reader {
    fn new(root: &Root, pid: Pid, identity: Identity, plan: Plan) -> Self {
        Self {
            root: root.clone(),
            pid,
            plan,
            identity,
            is_scan: false,
            table: None,
            sockets: net::Tables::default(),
            handles: Vec::new(),
            unproved: Unproved::Nothing,
            by_number: ByNumber::default(),
            parameters: Known::Nothing,
            names: Names::default(),
            files: Files::default(),
            physical: None,
        }
    }

    /// Prepares for many processes, each to be moved to with [`Reader::move_to`].
    pub(crate) fn scan(root: &Root, attributes: AttributeSet) -> Result<Self> {
        let plan = Plan::of(attributes);
        let mut reader = Self::new(root, Pid::default(), Identity::default(), plan);
        reader.is_scan = true;
        reader.table = Some(Table::read("process scan")?);
        Ok(reader)
    }

    /// The pids that there were when the scan began.
    pub(crate) fn pids(&self) -> Result<Vec<Pid>> {
        match &self.table {
            Some(table) => Ok(table.pids()),
            None => super::pids(&self.root),
        }
    }

    /// Forgets the last process and looks at the next one; says who it is.
    pub(crate) fn move_to(&mut self, pid: Pid) -> Result<Identity> {
        self.pid = pid;
        self.identity = Identity::default();
        self.handles.clear();
        self.parameters = Known::Nothing;
        self.unproved = Unproved::Nothing;
        let row = self.row("process scan")?;
        let found = identity::of(pid, row.create_time);
        self.identity = found;
        Ok(found)
    }

    /// Looks at a process of which several attributes will be read, and checks that it is the expected one.
    pub(crate) fn open(
        root: &Root,
        pid: Pid,
        expected: Identity,
        attributes: Option<AttributeSet>,
        operation: &'static str,
    ) -> Result<Self> {
        let plan = attributes.map_or_else(Plan::default, Plan::of);
        let mut reader = Self::new(root, pid, expected, plan);
        if plan.needs_table {
            reader.row(operation)?;
        } else {
            reader.prove(operation)?;
        }
        Ok(reader)
    }

    /// Looks at a process of which one attribute will be read.
    pub(crate) fn open_single(
        root: &Root,
        pid: Pid,
        expected: Identity,
        attribute: Attribute,
    ) -> Result<Self> {
        let plan = Plan::of(AttributeSet::of(&[attribute]));
        Ok(Self::new(root, pid, expected, plan))
    }

    /// Makes sure, after the last read, that all of it was of the one expected process.
    pub(crate) fn finish(&mut self, operation: &'static str) -> Result<()> {
        let unproved = std::mem::take(&mut self.unproved);
        if unproved == Unproved::Nothing {
            return Ok(());
        }
        let Some(handle) = self.handles.iter().find_map(|(_, handle)| handle.as_ref()) else {
            return match unproved {
                Unproved::Until(moment) if self.is_scan => self.prove_until(moment, operation),
                _ => self.prove(operation),
            };
        };
        // An answer for a process that has ended can be zeros.
        match ffi::process::has_exited(handle.as_handle()) {
            Ok(false) => Ok(()),
            Ok(true) => Err(Error::no_such_process(operation, self.pid)),
            Err(error) => Err(Error::os_pid(operation, self.pid, error)),
        }
    }

    /// When the current process was looked at: all of a scan when it began.
    pub(crate) fn moment(&self) -> Instant {
        self.table
            .as_ref()
            .map_or_else(Instant::now, |table| table.moment)
    }

    /// The process, opened for what `access` says beyond telling who it is and whether it has ended.
    ///
    /// It is the expected one, it stays open until the next process, and asking again costs nothing, also if it
    /// was refused.
    pub(super) fn handle(
        &mut self,
        access: PROCESS_ACCESS_RIGHTS,
        operation: &'static str,
    ) -> Result<&Handle> {
        let known = self
            .handles
            .iter()
            .position(|(given, handle)| match handle {
                Some(_) => access & !given == 0,
                None => given & !access == 0,
            });
        let at = match known {
            Some(at) => at,
            None => {
                let opened = match Handle::open(self.pid, access, operation) {
                    Ok(handle) => {
                        self.compare(&handle.identity, operation)?;
                        Some(handle)
                    }
                    Err(error) if error.kind() == ErrorKind::AccessDenied => None,
                    Err(error) => return Err(error),
                };
                self.handles.push((access, opened));
                self.handles.len() - 1
            }
        };
        match self.handles.get(at) {
            Some((_, Some(handle))) => {
                self.unproved = Unproved::UntilNow;
                Ok(handle)
            }
            _ => Err(Error::os_pid(operation, self.pid, denied())),
        }
    }

    /// The same for an attribute that the table has as well; `None` if that is where it is to be found.
    pub(super) fn cheaper_handle(&mut self, attribute: Attribute) -> Result<Option<&Handle>> {
        if self.plan.needs_table || self.table.is_some() {
            return Ok(None);
        }
        match self.handle(0, attribute.operation()) {
            Ok(handle) => Ok(Some(handle)),
            Err(error) if error.kind() == ErrorKind::AccessDenied => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Its row in the table of all processes, which is read when it is first needed.
    pub(super) fn row(&mut self, operation: &'static str) -> Result<Row<'_>> {
        if self.table.is_none() {
            self.table = Some(Table::read(operation)?);
        }
        let row = self.table.as_ref().and_then(|table| table.find(self.pid));
        let row = row.ok_or_else(|| Error::no_such_process(operation, self.pid))?;
        self.compare(&identity::of(self.pid, row.create_time), operation)?;
        Ok(row)
    }

    /// Makes sure that the process is the expected one and there.
    fn prove(&mut self, operation: &'static str) -> Result<()> {
        match self.handle(0, operation) {
            Ok(_) => {
                self.unproved = Unproved::Nothing;
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::AccessDenied => {
                let found = identity::identity(&self.root, self.pid, operation)?;
                self.compare(&found, operation)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn compare(&self, found: &Identity, operation: &'static str) -> Result<()> {
        match self.identity.compare(found) {
            Sameness::Different => Err(Error::pid_reused(operation, self.pid)),
            Sameness::Same | Sameness::Unknown => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::System::Threading::PROCESS_VM_READ;

    use super::*;
    use crate::process::all_with;
    use crate::sys::windows::ffi::calls;

    const IN_TABLE: AttributeSet = AttributeSet::of(&[
        Attribute::CpuTimes,
        Attribute::IoCounters,
        Attribute::MemoryInfo,
        Attribute::MemoryInfoEx,
        Attribute::Name,
        Attribute::NumCtxSwitches,
        Attribute::NumHandles,
        Attribute::NumThreads,
        Attribute::PageFaults,
        Attribute::Ppid,
        Attribute::Status,
        Attribute::Threads,
    ]);

    fn me() -> (Pid, Identity) {
        let pid = Pid::from(std::process::id());
        (pid, identity::identity(&Root, pid, "test").unwrap())
    }

    #[test]
    fn a_scan_for_what_the_table_has_is_one_call() {
        let before = calls::made();
        let infos: Vec<_> = all_with(IN_TABLE).unwrap().map(Result::unwrap).collect();
        // Whether one without threads has ended is asked.
        let odd = infos
            .iter()
            .filter(|info| info.num_threads.value() == Some(&0));
        let odd = odd.count();
        assert!(infos.len() > odd + 1, "{infos:?}");
        let made = calls::made() - before;
        assert!(
            made == 1 || odd > 0 && made < infos.len(),
            "{made} calls, {odd} without threads"
        );
    }

    #[test]
    fn a_set_that_a_handle_answers_reads_no_table() {
        let (pid, identity) = me();
        let wanted = AttributeSet::of(&[Attribute::Name, Attribute::Ppid, Attribute::CpuTimes]);
        let before = calls::tables();
        let mut reader = Reader::open(&Root, pid, identity, Some(wanted), "test").unwrap();
        reader.ppid().unwrap();
        reader.name().unwrap();
        reader.cpu_times().unwrap();
        reader.finish("test").unwrap();
        assert_eq!(calls::tables(), before);
        reader.num_threads().unwrap();
        reader.threads().unwrap();
        assert_eq!(calls::tables(), before + 1);
    }

    /// As processes of other users and protected ones do, of which there is none for a test.
    #[test]
    fn a_process_that_refuses_a_handle_is_read_from_the_table() {
        let (pid, identity) = me();
        let mut refused = Reader::open_single(&Root, pid, identity, Attribute::Name).unwrap();
        refused.handles.push((0, None));
        let mut opened = Reader::open_single(&Root, pid, identity, Attribute::Name).unwrap();
        assert_eq!(refused.name().unwrap(), opened.name().unwrap());
        assert_eq!(refused.ppid().unwrap(), opened.ppid().unwrap());
        assert_eq!(
            refused.create_time().unwrap(),
            opened.create_time().unwrap()
        );
        assert!(refused.memory_info().unwrap().rss > 0);
        refused.cpu_times().unwrap();
        refused.io_counters().unwrap();
        assert!(opened.table.is_none());
        // What needs a handle with more rights is refused without asking again.
        let before = calls::made();
        let error = refused.handle(PROCESS_VM_READ, "test").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessDenied);
        assert_eq!(calls::made(), before);
        refused.number("test").unwrap();
        refused.finish("test").unwrap();
        assert!(calls::made() > before);
    }

    #[test]
    fn another_process_with_the_number_is_not_read() {
        let (pid, _) = me();
        let other = Identity {
            start: Some(1),
            ..Identity::default()
        };
        let reused = |result: Result<()>| assert!(result.unwrap_err().is_pid_reused());
        let single = |attribute| Reader::open_single(&Root, pid, other, attribute).unwrap();
        reused(single(Attribute::Ppid).ppid().map(drop));
        reused(single(Attribute::Status).status().map(drop));
        reused(single(Attribute::Exe).number("test").map(drop));
        let open = |of| Reader::open(&Root, pid, other, of, "test").map(drop);
        reused(open(None));
        reused(open(Some(AttributeSet::EMPTY)));
        reused(open(Some(IN_TABLE)));
        let mut refused = single(Attribute::Exe);
        refused.handles.push((0, None));
        refused.number("test").unwrap();
        reused(refused.finish("test"));
    }

    #[test]
    fn a_handle_serves_for_less_and_is_forgotten_with_the_process() {
        let (pid, _) = me();
        let mut reader = Reader::scan(&Root, AttributeSet::EMPTY).unwrap();
        let before_moving = Instant::now();
        reader.move_to(pid).unwrap();
        reader.handle(PROCESS_VM_READ, "test").unwrap();
        reader.handle(0, "test").unwrap();
        assert_eq!(reader.handles.len(), 1);
        // What the table says is as old as the table.
        assert!(reader.moment() < before_moving);
        reader.finish("test").unwrap();
        reader.move_to(pid).unwrap();
        assert!(reader.handles.is_empty() && reader.unproved == Unproved::Nothing);
        let nobody = reader.move_to(Pid::from(u32::MAX)).unwrap_err();
        assert_eq!(nobody.kind(), ErrorKind::NoSuchProcess);
    }
}
