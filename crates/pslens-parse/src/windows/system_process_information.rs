//! `SYSTEM_PROCESS_INFORMATION`: what `NtQuerySystemInformation(SystemProcessInformation)` fills, the table of
//! all processes and their threads.
//!
//! Layout of 64-bit Windows since XP x64. Every process has 256 bytes, then 80 bytes (`SYSTEM_THREAD_INFORMATION`)
//! per thread, then the name; the first number of each says how far the next one is, 0 in the last. What older
//! versions did not fill is 0: `WorkingSetPrivateSize` before Vista, `HardFaultCount`, the highest number of
//! threads and `CycleTime` before Windows 7. Times are in units of 100 ns, points in time since 1601, UTC.

use super::vm_counters::{self, VmCounters};
use super::{Memory, Wide, Width, unicode_string};

/// Size of a process without its threads.
const PROCESS: usize = 0x100;
/// Size of a thread.
const THREAD: usize = 0x50;

/// The processes of the table, in the order of the kernel.
///
/// A table that ends within a process, or leads out of itself, ends with the last whole process.
pub fn rows(table: Memory<'_>) -> impl Iterator<Item = Process<'_>> + Clone {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let process = Process::at(table, next?)?;
        next = process.next;
        Some(process)
    })
}

/// One process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the kernel's own names")]
pub struct Process<'a> {
    /// Where it stands in the table: what [`Process::at`] takes.
    pub offset: usize,
    next: Option<usize>,
    /// Of what is its own of the working set. Bytes.
    pub working_set_private_size: u64,
    pub hard_fault_count: u32,
    pub create_time: u64,
    pub user_time: u64,
    pub kernel_time: u64,
    /// File name of the program; of the processes that have no program what the kernel calls them. Empty for
    /// the idle process.
    pub image_name: Wide<'a>,
    pub base_priority: i32,
    pub unique_process_id: u32,
    pub inherited_from_unique_process_id: u32,
    pub handle_count: u32,
    pub session_id: u32,
    pub vm: VmCounters,
    pub read_operation_count: u64,
    pub write_operation_count: u64,
    pub other_operation_count: u64,
    pub read_transfer_count: u64,
    pub write_transfer_count: u64,
    pub other_transfer_count: u64,
    pub number_of_threads: u32,
    threads: &'a [u8],
}

impl<'a> Process<'a> {
    /// The process that stands at `offset`; `None` if not all of it is there.
    #[must_use]
    pub fn at(table: Memory<'a>, offset: usize) -> Option<Self> {
        let fixed = Memory::new(table.slice(offset, PROCESS)?, 0);
        let step = usize::try_from(fixed.u32(0x00)?).ok()?;
        // One that would begin within this one is none.
        let next = offset.checked_add(step).filter(|_| step >= PROCESS);
        let end = next.map_or(table.len(), |next| next.min(table.len()));
        let after = offset.checked_add(PROCESS)?;
        Some(Self {
            offset,
            next,
            number_of_threads: fixed.u32(0x04)?,
            working_set_private_size: fixed.u64(0x08)?,
            hard_fault_count: fixed.u32(0x10)?,
            create_time: fixed.u64(0x20)?,
            user_time: fixed.u64(0x28)?,
            kernel_time: fixed.u64(0x30)?,
            image_name: image_name(table, offset.checked_add(0x38)?).unwrap_or_default(),
            base_priority: fixed.i32(0x48)?,
            // Handles by type, but numbers that are multiples of four and far below 32 bits.
            unique_process_id: fixed.u32(0x50)?,
            inherited_from_unique_process_id: fixed.u32(0x58)?,
            handle_count: fixed.u32(0x60)?,
            session_id: fixed.u32(0x64)?,
            vm: vm_counters::at(fixed, 0x70).ok()?,
            read_operation_count: fixed.u64(0xd0)?,
            write_operation_count: fixed.u64(0xd8)?,
            other_operation_count: fixed.u64(0xe0)?,
            read_transfer_count: fixed.u64(0xe8)?,
            write_transfer_count: fixed.u64(0xf0)?,
            other_transfer_count: fixed.u64(0xf8)?,
            threads: table
                .slice(after, end.saturating_sub(after))
                .unwrap_or_default(),
        })
    }

    /// Its threads, in the order of the kernel; fewer than `number_of_threads` if the table ends before.
    pub fn threads(self) -> impl Iterator<Item = Thread> + Clone + 'a {
        let (threads, _) = self.threads.as_chunks();
        let count = usize::try_from(self.number_of_threads).unwrap_or(usize::MAX);
        threads.iter().take(count).filter_map(Thread::of)
    }
}

/// The text of a string that leads into the table.
fn image_name(table: Memory<'_>, at: usize) -> Option<Wide<'_>> {
    let string = unicode_string::parse(table, at, Width::Bits64).ok()?;
    table.wide(table.offset(string.buffer)?, usize::from(string.length))
}

/// One thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the kernel's own names")]
pub struct Thread {
    pub kernel_time: u64,
    pub user_time: u64,
    pub create_time: u64,
    /// When it began to wait or to be ready, in clock ticks since the system was started.
    pub wait_time: u32,
    pub unique_process: u32,
    pub unique_thread: u32,
    pub priority: i32,
    pub base_priority: i32,
    pub context_switches: u32,
    /// `KTHREAD_STATE`
    pub thread_state: u32,
    /// `KWAIT_REASON`, also of threads that do not wait
    pub wait_reason: u32,
}

impl Thread {
    /// `Ready` of `KTHREAD_STATE`.
    pub const READY: u32 = 1;
    /// `DeferredReady` of `KTHREAD_STATE`: ready, and not yet in the queue of a CPU.
    pub const DEFERRED_READY: u32 = 7;
    /// `Waiting` of `KTHREAD_STATE`.
    pub const WAITING: u32 = 5;
    /// `Suspended` of `KWAIT_REASON`.
    pub const SUSPENDED: u32 = 5;

    /// True if it waits for somebody to resume it.
    #[must_use]
    pub const fn is_suspended(self) -> bool {
        self.thread_state == Self::WAITING && self.wait_reason == Self::SUSPENDED
    }

    /// True if it could run, and waits for a CPU.
    #[must_use]
    pub const fn is_ready(self) -> bool {
        matches!(self.thread_state, Self::READY | Self::DEFERRED_READY)
    }

    fn of(bytes: &[u8; THREAD]) -> Option<Self> {
        let memory = Memory::new(bytes, 0);
        Some(Self {
            kernel_time: memory.u64(0x00)?,
            user_time: memory.u64(0x08)?,
            create_time: memory.u64(0x10)?,
            wait_time: memory.u32(0x18)?,
            unique_process: memory.u32(0x28)?,
            unique_thread: memory.u32(0x30)?,
            priority: memory.i32(0x38)?,
            base_priority: memory.i32(0x3c)?,
            context_switches: memory.u32(0x40)?,
            thread_state: memory.u32(0x44)?,
            wait_reason: memory.u32(0x48)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the tables of these tests stood.
    const ADDRESS: u64 = 0x1_0000;

    /// A process with `fields` (offset, bytes), threads and a name, as the kernel lays it out.
    fn entry(
        at: usize,
        fields: &[(usize, &[u8])],
        threads: &[[u8; THREAD]],
        name: &str,
    ) -> Vec<u8> {
        let mut bytes = vec![0; PROCESS];
        bytes[0x04..0x08].copy_from_slice(&u32::try_from(threads.len()).unwrap().to_le_bytes());
        bytes.extend(threads.concat());
        let text: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        if !text.is_empty() {
            let length = u16::try_from(text.len()).unwrap();
            bytes[0x38..0x3a].copy_from_slice(&length.to_le_bytes());
            bytes[0x3a..0x3c].copy_from_slice(&(length + 2).to_le_bytes());
            let pointer = ADDRESS + u64::try_from(at + bytes.len()).unwrap();
            bytes[0x40..0x48].copy_from_slice(&pointer.to_le_bytes());
            bytes.extend(text);
            bytes.extend([0; 2]);
        }
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        for (offset, field) in fields {
            bytes[*offset..offset + field.len()].copy_from_slice(field);
        }
        bytes
    }

    fn thread(id: u32, state: u32, reason: u32) -> [u8; THREAD] {
        let mut bytes = [0; THREAD];
        bytes[0x00..0x08].copy_from_slice(&7_u64.to_le_bytes());
        bytes[0x08..0x10].copy_from_slice(&9_u64.to_le_bytes());
        bytes[0x30..0x34].copy_from_slice(&id.to_le_bytes());
        bytes[0x40..0x44].copy_from_slice(&11_u32.to_le_bytes());
        bytes[0x44..0x48].copy_from_slice(&state.to_le_bytes());
        bytes[0x48..0x4c].copy_from_slice(&reason.to_le_bytes());
        bytes
    }

    /// The idle process, System, and a program.
    fn table(last: &[(usize, &[u8])]) -> Vec<u8> {
        let mut table = Vec::new();
        let waiting = [thread(0, 2, 0), thread(0, 2, 0)];
        let programs: [(u32, &[[u8; THREAD]], &str); 2] =
            [(0, &waiting, ""), (4, &[thread(12, 5, 0)], "System")];
        for (pid, threads, name) in programs {
            let mut entry = entry(table.len(), &[(0x50, &pid.to_le_bytes())], threads, name);
            let next = u32::try_from(entry.len()).unwrap();
            entry[..4].copy_from_slice(&next.to_le_bytes());
            table.extend(entry);
        }
        let threads = [thread(40, 5, 5), thread(36, 5, 5)];
        table.extend(entry(table.len(), last, &threads, "näme 😀.exe"));
        table
    }

    fn read(table: &[u8]) -> Vec<Process<'_>> {
        rows(Memory::new(table, ADDRESS)).collect()
    }

    #[test]
    fn processes_have_names_numbers_and_threads() {
        // Windows 10: all fields.
        let last: [(usize, &[u8]); 12] = [
            (0x10, &3_u32.to_le_bytes()),
            (0x20, &133_000_000_000_000_000_u64.to_le_bytes()),
            (0x28, &20_u64.to_le_bytes()),
            (0x30, &30_u64.to_le_bytes()),
            (0x50, &1234_u64.to_le_bytes()),
            (0x58, &4_u64.to_le_bytes()),
            (0x60, &77_u32.to_le_bytes()),
            (0x64, &1_u32.to_le_bytes()),
            (0x78, &(1_u64 << 41).to_le_bytes()),
            (0x80, &500_u32.to_le_bytes()),
            (0x90, &4096_u64.to_le_bytes()),
            (0xf8, &99_u64.to_le_bytes()),
        ];
        let table = table(&last);
        let processes = read(&table);
        let [idle, system, program] = processes[..] else {
            panic!("{processes:?}");
        };
        assert_eq!(
            (idle.unique_process_id, idle.image_name.is_empty()),
            (0, true)
        );
        assert_eq!(idle.threads().count(), 2);
        assert_eq!(system.image_name.to_string(), "System");
        assert_eq!(program.image_name.to_string(), "näme 😀.exe");
        assert_eq!(program.unique_process_id, 1234);
        assert_eq!(program.inherited_from_unique_process_id, 4);
        assert_eq!((program.handle_count, program.session_id), (77, 1));
        assert_eq!((program.user_time, program.kernel_time), (20, 30));
        assert_eq!(program.create_time, 133_000_000_000_000_000);
        assert_eq!(
            (program.hard_fault_count, program.vm.page_fault_count),
            (3, 500)
        );
        assert_eq!(
            (program.vm.virtual_size, program.vm.working_set_size),
            (1 << 41, 4096)
        );
        assert_eq!(program.other_transfer_count, 99);
        let threads: Vec<_> = program.threads().collect();
        assert_eq!(threads.len(), 2);
        assert_eq!(
            (threads[0].unique_thread, threads[1].unique_thread),
            (40, 36)
        );
        assert_eq!((threads[0].kernel_time, threads[0].user_time), (7, 9));
        assert_eq!(threads[0].context_switches, 11);
        assert!(threads.iter().all(|thread| thread.is_suspended()));
        assert!(!system.threads().any(Thread::is_suspended));
        let memory = Memory::new(&table, ADDRESS);
        assert_eq!(Process::at(memory, program.offset), Some(program));
    }

    /// The threads of a process end where the next one begins, whatever it says.
    #[test]
    fn a_process_has_no_threads_of_the_next_one() {
        let mut table = table(&[]);
        table[0x04..0x08].copy_from_slice(&u32::MAX.to_le_bytes());
        let processes = read(&table);
        assert_eq!(processes[0].threads().count(), 2);
        assert_eq!(processes[0].number_of_threads, u32::MAX);
        assert_eq!(processes.len(), 3);
    }

    #[test]
    fn a_name_outside_of_the_table_is_none() {
        let mut table = table(&[]);
        let end = ADDRESS + u64::try_from(table.len()).unwrap();
        for pointer in [0, 1, ADDRESS - 1, end - 1, end, u64::MAX] {
            let program = read(&table)[2].offset;
            table[program + 0x40..program + 0x48].copy_from_slice(&pointer.to_le_bytes());
            assert!(read(&table)[2].image_name.is_empty(), "{pointer:#x}");
        }
    }

    #[test]
    fn names_need_not_be_well_formed() {
        let mut table = table(&[]);
        let name = table.len() - 4;
        table[name..name + 2].copy_from_slice(&0xd800_u16.to_le_bytes());
        assert_eq!(read(&table)[2].image_name.units().len(), 11);
    }

    #[test]
    fn steps_within_a_process_backwards_or_outside_end_the_table() {
        for (step, expect) in [(0_u32, 1), (1, 1), (0xff, 1), (u32::MAX, 1)] {
            let mut table = table(&[]);
            table[..4].copy_from_slice(&step.to_le_bytes());
            assert_eq!(read(&table).len(), expect, "{step}");
        }
    }

    #[test]
    fn a_table_that_is_cut_off_ends_with_the_last_whole_process() {
        let table = table(&[]);
        let whole = read(&table);
        for length in 0..table.len() {
            let cut = read(&table[..length]);
            let expect = whole
                .iter()
                .filter(|process| process.offset + PROCESS <= length);
            assert_eq!(cut.len(), expect.count(), "{length}");
        }
    }
}
