"""What kernels and programs do to the files of a process, on machines made for the case.

As in `test_odd_kernels.py`, many of these cases are psutil's.
"""

import os
import signal
import subprocess
import sys
import time

import pytest

import pslens

TICKS = os.sysconf("SC_CLK_TCK")
REUSED = "process no longer exists and its PID has been reused"


class TestFiles:
    def test_stat_of_42_fields(self, machine):
        process = machine.process(
            77, comm="cat", state="Z", ppid=1, utime=2, stime=3, cutime=4, cstime=5, starttime=600,
            processor=6, delayacct_blkio_ticks=7,
        )  # fmt: skip
        assert process.name() == "cat"
        assert process.status() == pslens.STATUS_ZOMBIE
        assert process.ppid() == 1
        assert process.create_time() == 1000000000 + 600 / TICKS
        assert process.cpu_times() == (2 / TICKS, 3 / TICKS, 4 / TICKS, 5 / TICKS, 7 / TICKS)
        assert process.cpu_num() == 6

    def test_status_with_few_lines(self, machine):
        process = machine.process(77)
        machine.write(
            "proc/77/status",
            "Name:\tidle\nState:\tS (sleeping)\nTgid:\t77\nPid:\t77\nPPid:\t1\n"
            "Uid:\t1000\t1001\t1002\t1003\nGid:\t1004\t1005\t1006\t1007\nThreads:\t66\n"
            "Cpus_allowed:\tff\nCpus_allowed_list:\t0-7\n"
            "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t13",
        )
        assert process.num_ctx_switches() == (12, 13)
        assert process.uids() == (1000, 1001, 1002)
        assert process.gids() == (1004, 1005, 1006)

    @pytest.mark.parametrize(
        "text, arguments",
        [
            ("foo\0bar\0", ["foo", "bar"]),
            ("foo\0bar\0\0", ["foo", "bar", ""]),
            # Programs that write one text over their arguments.
            ("foo bar ", ["foo", "bar"]),
            ("foo bar  ", ["foo", "bar", ""]),
            ("foo bar\0", ["foo", "bar"]),
            ("", []),
        ],
    )
    def test_arguments_rewritten_in_place(self, machine, text, arguments):
        process = machine.process(77)
        machine.write("proc/77/cmdline", text)
        assert process.cmdline() == arguments

    def test_a_cut_name_is_completed_from_the_arguments(self, machine):
        process = machine.process(77, comm="long-program-na")
        machine.write("proc/77/cmdline", "/bin/long-program-name-extended\0foo\0")
        assert process.name() == "long-program-name-extended"

    def test_a_cut_name_stays_if_the_arguments_begin_otherwise(self, machine):
        process = machine.process(77, comm="long-program-na")
        machine.write("proc/77/cmdline", "/bin/other\0")
        assert process.name() == "long-program-na"

    def test_a_user_without_a_name_is_a_number(self, machine):
        process = machine.process(77)
        machine.write("proc/77/status", "Name:\tidle\nState:\tS (sleeping)\nTgid:\t77\nPid:\t77\nPPid:\t1\nUid:\t4000000001\t0\t0\t0\nGid:\t0\t0\t0\t0\n")
        assert process.username() == "4000000001"

    def test_a_terminal_that_no_driver_has(self, machine):
        process = machine.process(77, tty_nr=0x7F01)
        # Sandboxes have no list of drivers.
        assert process.terminal() is None
        assert process.as_dict(["terminal"]) == {"terminal": None}
        machine.write("proc/tty/drivers", "serial /dev/ttyS 4 64-95 serial\n")
        assert process.terminal() is None

    def test_links_that_are_not_there(self, machine):
        process = machine.process(77)
        machine.write("proc/77/cmdline", "")
        assert process.cwd() == ""
        assert process.exe() == ""
        assert process.as_dict(["cwd", "exe"]) == {"cwd": "", "exe": ""}

    def test_links_to_what_was_removed(self, machine):
        process = machine.process(77)
        machine.link("proc/77/exe", "/home/foo (deleted)")
        machine.link("proc/77/cwd", "/home/foo (deleted)")
        assert process.exe() == "/home/foo"
        assert process.cwd() == "/home/foo"

    def test_a_process_that_went_has_no_files(self, machine):
        process = machine.process(77)
        (machine.folder / "proc/77").rename(machine.folder / "went")
        for read in (process.memory_info, process.name, process.cmdline, process.open_files):
            with pytest.raises(pslens.NoSuchProcess):
                read()

    def test_an_empty_status_denies_nobody(self, machine):
        machine.process(77)
        machine.write("proc/77/status")
        assert pslens.pid_exists(77)
        assert not pslens.pid_exists(78)


class TestMemory:
    MAPPING = "fffff0-fffff1 r-xp 00000000 00:00 0                  {path}\n"
    COUNTERS = {
        "Size": 1, "Rss": 2, "Pss": 3, "Shared_Clean": 4, "Shared_Dirty": 5, "Private_Clean": 6,
        "Private_Dirty": 7, "Referenced": 8, "Anonymous": 9, "LazyFree": 10, "AnonHugePages": 11,
        "Shared_Hugetlb": 13, "Private_Hugetlb": 14, "Swap": 15, "SwapPss": 16, "Locked": 19,
    }  # fmt: skip

    def test_huge_pages_are_private_memory(self, machine):
        process = machine.process(77)
        counters = "".join(f"{name}:{size:15} kB\n" for name, size in self.COUNTERS.items())
        machine.write("proc/77/smaps", self.MAPPING.format(path="[vsyscall]") + counters + "VmFlags: rd ex\n")
        full = process.memory_full_info()
        assert full.uss == (6 + 7 + 14) * 1024
        assert full.pss == 3 * 1024
        assert full.swap == 15 * 1024
        (row,) = process.memory_maps()
        assert row == ("[vsyscall]", *(size * 1024 for size in (2, 1, 3, 4, 5, 6, 7, 8, 9, 15)))

    def test_what_a_process_has_alone_is_the_sum_of_its_mappings(self, machine):
        process = machine.process(77)
        private = "Size: 9 kB\nRss: 9 kB\nPss: 2 kB\nPrivate_Clean: 1 kB\nPrivate_Dirty: 3 kB\nSwap: 4 kB\n"
        machine.write("proc/77/smaps", (self.MAPPING.format(path="/a") + private) * 3)
        full, rows = process.memory_full_info(), process.memory_maps(grouped=False)
        assert len(rows) == 3
        assert full.uss == sum(row.private_clean + row.private_dirty for row in rows) == 12 * 1024
        assert full.pss == sum(row.pss for row in rows) == 6 * 1024
        assert full.swap == sum(row.swap for row in rows) == 12 * 1024

    def test_a_kernel_without_smaps_is_no_dead_process(self, machine):
        process = machine.process(77)
        with pytest.raises(NotImplementedError):
            process.memory_maps()


class TestDescriptors:
    def test_descriptors_that_close_meanwhile_are_left_out(self, machine):
        process = machine.process(77)
        (machine.folder / "regular").touch()
        regular = str(machine.folder / "regular")
        machine.link("proc/77/fd/3", regular)
        machine.write("proc/77/fdinfo/3", "pos:\t5\nflags:\t0100002\nmnt_id:\t1\n")
        # Closed after it was read, before its position was.
        machine.link("proc/77/fd/4", regular)
        # Closed before it was read: not a link any more.
        machine.write("proc/77/fd/5")
        machine.write("proc/77/fdinfo/5", "pos:\t0\nflags:\t0100000\n")
        assert process.open_files() == [(regular, 3, 5, "r+", 0o100002)]
        assert process.net_connections() == []

    def test_a_path_longer_than_any_path_hides_no_other_file(self, tmp_path):
        process = pslens.Process()
        folder, opened = os.open(tmp_path, os.O_RDONLY), []
        try:
            # The kernel gives paths of up to a page.
            for _ in range(20):
                os.mkdir("d" * 250, dir_fd=folder)
                below = os.open("d" * 250, os.O_RDONLY, dir_fd=folder)
                os.close(folder)
                folder = below
            opened.append(os.open("deep", os.O_CREAT | os.O_RDWR, dir_fd=folder))
            with pytest.raises(OSError, match="too long"):
                os.readlink(f"/proc/self/fd/{opened[0]}")
            opened.append(os.open(tmp_path / "flat", os.O_CREAT | os.O_RDWR))
            files = {file.fd: file.path for file in process.open_files()}
            assert opened[0] not in files
            assert files[opened[1]] == str(tmp_path / "flat")
            assert process.net_connections() == []
        finally:
            for descriptor in (*opened, folder):
                os.close(descriptor)


class TestThreads:
    def test_threads_that_end_meanwhile_are_left_out(self, machine):
        process = machine.process(77, num_threads=2)
        stat = (machine.folder / "proc/77/stat").read_text()
        machine.write("proc/77/task/77/stat", stat)
        (machine.folder / "proc/77/task/78").mkdir()
        assert [thread.id for thread in process.threads()] == [77]

    def test_threads_that_may_not_be_seen_are_denied(self, machine, unprivileged_reader):
        process = machine.process(77)
        machine.write("proc/77/task/77/stat", (machine.folder / "proc/77/stat").read_text())
        (machine.folder / "proc/77/task/77/stat").chmod(0)
        with unprivileged_reader(), pytest.raises(pslens.AccessDenied) as denied:
            process.threads()
        assert denied.value.pid == 77


class TestIdentity:
    def test_another_process_with_the_pid_is_left_alone(self, machine):
        process = machine.process(77, starttime=600)
        machine.process(77, starttime=700)
        assert not process.is_running()
        assert process != pslens.Process(77)
        for act in (
            process.kill,
            process.terminate,
            process.suspend,
            process.resume,
            lambda: process.send_signal(signal.SIGTERM),
            lambda: process.nice(3),
            process.parent,
            process.parents,
            process.children,
        ):
            with pytest.raises(pslens.NoSuchProcess, match=REUSED):
                act()
        assert "terminated + PID reused" in str(process)
        assert "terminated + PID reused" in repr(process)

    def test_a_reused_pid_leaves_the_cache_of_process_iter(self, machine):
        machine.process(77, starttime=600)
        pslens.process_iter.cache_clear()
        try:
            (process,) = pslens.process_iter()
            machine.process(77, starttime=700)
            assert not process.is_running()
            (again,) = pslens.process_iter()
            assert again != process
            assert again.is_running()
        finally:
            pslens.process_iter.cache_clear()

    def test_a_clock_that_is_set_makes_no_other_process_of_it(self, machine):
        parent = machine.process(77, starttime=600)
        child = machine.process(78, ppid=77, starttime=700)
        assert parent.create_time() == 1000000000 + 600 / TICKS
        assert child.create_time() == 1000000000 + 700 / TICKS
        # An hour earlier: the child now seems to be older than its parent was.
        machine.write("proc/stat", f"cpu  0 0 0 0\nintr 0\nctxt 0\nbtime {1000000000 - 3600}\n")
        same = pslens.Process(77)
        assert same.create_time() == 1000000000 - 3600 + 600 / TICKS
        assert (same, hash(same)) == (parent, hash(parent))
        assert parent.is_running() and child.is_running()
        assert child.parent() == parent
        assert parent.children() == [child]
        assert parent.children(recursive=True) == [child]

    def test_a_process_that_may_not_be_looked_at_can_be_named(self, machine, unprivileged_reader):
        machine.process(77)
        (machine.folder / "proc/77/stat").chmod(0)
        (machine.folder / "proc/77").chmod(0o700 if os.geteuid() == 0 else 0)
        try:
            with unprivileged_reader():
                process = pslens.Process(77)
                assert process.pid == 77
                with pytest.raises(pslens.AccessDenied):
                    process.name()
        finally:
            (machine.folder / "proc/77").chmod(0o700)

    def test_zombies_run_and_have_a_status(self, machine):
        process = machine.process(77, state="Z")
        assert process.is_running()
        assert process.status() == pslens.STATUS_ZOMBIE
        with pytest.raises(pslens.ZombieProcess) as zombie:
            process.cmdline()
        assert (zombie.value.pid, zombie.value.ppid) == (77, None)
        # What is known of it by then is told.
        process.name(), process.ppid()
        with pytest.raises(pslens.ZombieProcess) as zombie:
            process.cmdline()
        assert (zombie.value.name, zombie.value.ppid) == ("idle", 1)

    def test_a_process_of_another_machine_cannot_be_hit(self, machine):
        process = machine.process(os.getpid())
        with pytest.raises(NotImplementedError):
            process.send_signal(0)


class TestLive:
    """Errors that only a running system has."""

    def test_signals_to_others_are_denied(self):
        if os.geteuid() != 0:
            pytest.skip("needs two users")
        program = """if True:
            import os, pslens
            stranger = pslens.Process(os.getppid())
            os.setuid(65534)
            try:
                stranger.send_signal(0)
            except pslens.AccessDenied as error:
                print("denied", error.pid == os.getppid())
            """
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert run.stdout == "denied True\n", run.stderr

    def test_signals_to_the_dead_say_so(self):
        child = subprocess.Popen([sys.executable, "-c", ""])
        process = pslens.Process(child.pid)
        child.wait()
        with pytest.raises(pslens.NoSuchProcess):
            process.send_signal(signal.SIGTERM)

    def test_a_child_that_a_signal_ended(self):
        with subprocess.Popen(["sleep", "60"]) as child:
            process = pslens.Process(child.pid)
            process.terminate()
            code = process.wait()
            assert code == -signal.SIGTERM
            assert code.name == "SIGTERM"
            # Whoever waits for it after that learns nothing, and does not hang.
            other = pslens.Process.__new__(pslens.Process)
            other._init(child.pid, _ignore_nsp=True)
            assert other.wait() is None

    def test_a_wait_refuses_what_is_no_time(self):
        process = pslens.Process()
        with pytest.raises(TypeError, match="must be an int or float"):
            process.wait("foo")
        with pytest.raises(ValueError, match="must be positive or zero"):
            process.wait(-1)

    def test_all_cpus_are_those_that_the_kernel_allows(self):
        process = pslens.Process()
        before = process.cpu_affinity()
        try:
            process.cpu_affinity(before[:1])
            assert process.cpu_affinity() == before[:1]
            process.cpu_affinity([])
            assert process.cpu_affinity() == sorted(os.sched_getaffinity(0))
            process.cpu_affinity(set(before))
            process.cpu_affinity(tuple(before))
            with pytest.raises(TypeError):
                process.cpu_affinity(1)
        finally:
            process.cpu_affinity(before)

    def test_a_class_of_io_priority_that_no_kernel_has(self):
        process = pslens.Process()
        with pytest.raises(OSError, match="Invalid argument"):
            process.ionice(-1)
        with pytest.raises(OverflowError):
            process.ionice(1 << 40)

    def test_limits_are_two_numbers(self):
        child = subprocess.Popen(["sleep", "60"])
        try:
            process = pslens.Process(child.pid)
            process.rlimit(pslens.RLIMIT_NOFILE, (5, 5))
            assert process.rlimit(pslens.RLIMIT_NOFILE) == (5, 5)
            with pytest.raises(ValueError):
                process.rlimit(pslens.RLIMIT_NOFILE, (5, 5, 5))
        finally:
            child.kill()
            child.wait()

    def test_a_zombie_is_found_out_whatever_is_asked(self):
        child = subprocess.Popen([sys.executable, "-c", ""])
        try:
            process = pslens.Process(child.pid)
            deadline = time.monotonic() + 60
            while process.status() != pslens.STATUS_ZOMBIE and time.monotonic() < deadline:
                pass
            with pytest.raises(pslens.ZombieProcess):
                process.memory_maps()
            assert process.is_running()
        finally:
            child.wait()
