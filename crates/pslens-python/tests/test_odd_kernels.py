"""What kernels leave out, or write in another way: functions of the system, on machines made for the case.

Many of these cases are psutil's tests that replace `open` below psutil's own code: the same files are laid
out here. `conformance/not-applicable.txt` says which test of psutil's has its case here.
"""

import math
import os
import subprocess
import sys
import warnings

import pytest

import pslens

KIB = 1024
SECTOR = 512


def one_warning(call):
    """The answer of a call, and the text of the only warning that it gave."""
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        answer = call()
    assert [warning.category for warning in given] == [RuntimeWarning]
    return answer, str(given[0].message)


class TestMemory:
    def test_every_field_has_its_line(self, machine):
        names = (
            "MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon)"
            " Inactive(anon) Active(file) Inactive(file) SwapTotal SwapFree Shmem Slab SReclaimable SUnreclaim"
        ).split()
        kib = {name: 1000 - number for number, name in enumerate(names)}
        machine.write("proc/meminfo", "".join(f"{name}: {size} kB\n" for name, size in kib.items()))
        memory = pslens.virtual_memory()
        assert memory.total == kib["MemTotal"] * KIB
        assert memory.free == kib["MemFree"] * KIB
        assert memory.available == kib["MemAvailable"] * KIB
        assert memory.used == memory.total - memory.available
        assert memory.buffers == kib["Buffers"] * KIB
        assert memory.cached == (kib["Cached"] + kib["SReclaimable"]) * KIB
        assert memory.active == kib["Active"] * KIB
        assert memory.inactive == kib["Inactive"] * KIB
        assert memory.shared == kib["Shmem"] * KIB
        assert memory.slab == kib["Slab"] * KIB

    def test_the_kernels_available_is_believed_where_its_parts_are_missing(self, machine):
        text = "MemTotal: 9000 kB\nMemFree: 1000 kB\nMemAvailable: 5000 kB\nBuffers: 1 kB\nCached: 2 kB\n"
        machine.write("proc/meminfo", f"{text}Active: 3 kB\nShmem: 4 kB\n")
        memory, warning = one_warning(pslens.virtual_memory)
        assert memory.available == 5000 * KIB
        assert memory.inactive == 0
        assert warning == "inactive memory stats couldn't be determined and was set to 0"

    def test_available_is_what_is_free_and_cached_where_the_parts_are_missing(self, machine):
        text = "MemTotal: 9000 kB\nMemFree: 1000 kB\nCached: 2000 kB\nActive: 3 kB\nInactive: 3 kB\n"
        machine.write("proc/meminfo", text)
        # In full it needs the page cache, reclaimable slab, and the marks of zoneinfo.
        machine.write("proc/zoneinfo", "Node 0, zone Normal\n        low      10\n")
        memory, _ = one_warning(pslens.virtual_memory)
        assert memory.available == 3000 * KIB

    def test_available_is_what_is_free_and_cached_without_zoneinfo(self, machine):
        text = "MemTotal: 9000 kB\nMemFree: 1000 kB\nCached: 2000 kB\nActive: 3 kB\nActive(file): 3 kB\n"
        machine.write("proc/meminfo", f"{text}Inactive(file): 3 kB\nSReclaimable: 5 kB\n")
        memory, warning = one_warning(pslens.virtual_memory)
        assert memory.available == 3000 * KIB
        assert "inactive" in warning

    def test_available_is_estimated_as_the_kernel_does(self, machine):
        text = "MemTotal: 9000 kB\nMemFree: 1000 kB\nCached: 2000 kB\nActive(file): 600 kB\n"
        machine.write("proc/meminfo", f"{text}Inactive(file): 400 kB\nSReclaimable: 100 kB\n")
        pages = 8
        low = pages * os.sysconf("SC_PAGESIZE") // KIB
        machine.write("proc/zoneinfo", f"Node 0, zone Normal\n        low      {pages}\n")
        memory, _ = one_warning(pslens.virtual_memory)
        assert memory.available == (1000 - low + 1000 - low + 100 - min(50, low)) * KIB

    def test_all_that_is_missing_is_named_in_one_warning(self, machine):
        machine.write("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 1000 kB\nMemAvailable: 0 kB\n")
        memory, warning = one_warning(pslens.virtual_memory)
        names = "buffers, cached, shared, active, inactive"
        assert warning == f"{names} memory stats couldn't be determined and were set to 0"
        assert (memory.buffers, memory.cached, memory.shared, memory.slab) == (0, 0, 0, 0)
        assert memory.available == memory.free

    @pytest.mark.parametrize("vmstat", [None, "nr_free_pages 1\n"], ids=["no file", "no lines"])
    def test_swap_without_its_traffic(self, machine, vmstat):
        machine.write(
            "proc/meminfo", "MemTotal: 9 kB\nMemFree: 1 kB\nSwapTotal: 8 kB\nSwapFree: 6 kB\n"
        )
        if vmstat:
            machine.write("proc/vmstat", vmstat)
        swap, warning = one_warning(pslens.swap_memory)
        assert (swap.total, swap.used, swap.percent) == (8 * KIB, 2 * KIB, 25.0)
        assert (swap.sin, swap.sout) == (0, 0)
        assert warning == "'sin' and 'sout' swap memory stats couldn't be determined and were set to 0"

    def test_swap_traffic_is_counted_in_pages(self, machine):
        machine.write(
            "proc/meminfo", "MemTotal: 9 kB\nMemFree: 1 kB\nSwapTotal: 8 kB\nSwapFree: 6 kB\n"
        )
        machine.write("proc/vmstat", "pswpin 3\npswpout 4\n")
        swap, page = pslens.swap_memory(), os.sysconf("SC_PAGESIZE")
        assert (swap.sin, swap.sout) == (3 * page, 4 * page)

    def test_the_running_system_is_asked_for_swap_that_meminfo_lacks(self, tmp_path):
        meminfo = tmp_path / "meminfo"
        meminfo.write_text("MemTotal: 9 kB\nMemFree: 1 kB\n")
        program = "import pslens; print(pslens.swap_memory().total)"
        command = 'mount --bind "$1" /proc/meminfo && exec "$2" -c "$3"'
        arguments = ["unshare", "--mount", "sh", "-c", command, "sh", meminfo, sys.executable, program]
        try:
            answer = subprocess.run(arguments, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            pytest.skip(str(error))
        if "mount" in answer.stderr or "unshare" in answer.stderr:
            pytest.skip(f"needs a mount namespace: {answer.stderr.strip()}")
        assert int(answer.stdout) == pslens.swap_memory().total, answer.stderr


class TestCpus:
    def test_a_machine_that_says_nothing_has_no_number_of_cpus(self, machine):
        assert pslens.cpu_count() is None
        assert pslens.cpu_count(logical=False) is None

    def test_cpus_are_counted_in_whatever_is_there(self, machine):
        machine.write("proc/stat", "cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\n")
        assert pslens.cpu_count() == 2
        (machine.folder / "proc/stat").unlink()
        machine.write("proc/cpuinfo", "".join(f"processor\t: {number}\n" for number in range(3)))
        assert pslens.cpu_count() == 3

    def test_cores_come_from_cpuinfo_where_there_is_no_topology(self, machine):
        cpus = [(0, 0), (0, 1), (0, 0), (0, 1)]
        machine.write(
            "proc/cpuinfo",
            "".join(
                f"processor\t: {number}\nphysical id\t: {package}\ncore id\t\t: {core}\ncpu cores\t: 2\n\n"
                for number, (package, core) in enumerate(cpus)
            ),
        )
        assert pslens.cpu_count(logical=False) == 2

    def test_a_process_uses_cpus_also_where_nobody_knows_how_many(self, machine):
        process = machine.process(77, utime=5)
        assert process.cpu_percent() == 0.0
        machine.process(77, utime=50)
        assert process.cpu_percent() > 0

    def test_times_that_go_backwards_are_no_use(self, machine):
        cpus = ("cpu ", "cpu0", "cpu1")
        calls = [
            lambda: pslens.cpu_percent(),
            lambda: pslens.cpu_times_percent(),
            lambda: pslens.cpu_percent(percpu=True),
            lambda: pslens.cpu_times_percent(percpu=True),
        ]
        machine.write("proc/stat", "".join(f"{cpu} 0 0 0 0 0 0 0 1 0 0\n" for cpu in cpus))
        for call in calls:
            call()
        machine.write("proc/stat", "".join(f"{cpu} 1 0 0 0 0 0 0 0 0 0\n" for cpu in cpus))
        percent, times, per_cpu, times_per_cpu = (call() for call in calls)
        assert percent == 100.0
        assert (times.user, times.steal) == (100.0, 0.0)
        assert per_cpu == [100.0, 100.0]
        assert [(cpu.user, cpu.steal) for cpu in times_per_cpu] == [(100.0, 0.0)] * 2

    def test_without_a_stat_file_there_are_no_times_and_later_there_are(self, tmp_path):
        # In a process of its own: nothing may have been read before.
        program = """if True:
            import sys, pslens
            pslens.PROCFS_PATH = sys.argv[1]
            calls = [
                lambda function=function, percpu=percpu: function(percpu=percpu)
                for function in (pslens.cpu_times, pslens.cpu_percent, pslens.cpu_times_percent)
                for percpu in (False, True)
            ]
            for call in calls:
                try:
                    print("answered", call())
                except FileNotFoundError:
                    pass
            for user in (0, 7):
                with open(sys.argv[1] + "/stat", "w") as stat:
                    stat.write(f"cpu  {user} 0 0 0\\ncpu0 {user} 0 0 0\\n")
                print([call() for call in calls[2:4]])
            """
        answer = subprocess.run(
            [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True
        )
        assert answer.stdout == "[0.0, [0.0]]\n[100.0, [100.0]]\n"

    def test_cpus_of_a_policy_have_its_frequency(self, machine):
        for policy, (current, low, high) in enumerate([(100_000, 200_000, 300_000), (400_000, 500_000, 600_000)]):
            folder = f"sys/devices/system/cpu/cpufreq/policy{policy}"
            machine.write(f"{folder}/scaling_cur_freq", f"{current}\n")
            machine.write(f"{folder}/scaling_min_freq", f"{low}\n")
            machine.write(f"{folder}/scaling_max_freq", f"{high}\n")
            machine.write(f"{folder}/affected_cpus", f"{policy}\n")
        machine.write("proc/stat", "cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\n")
        assert pslens.cpu_freq(percpu=True) == [(100.0, 200.0, 300.0), (400.0, 500.0, 600.0)]
        assert pslens.cpu_freq() == (250.0, 350.0, 450.0)

    def test_the_hardware_is_asked_where_the_driver_has_no_frequency(self, machine):
        folder = "sys/devices/system/cpu/cpufreq/policy0"
        machine.write(f"{folder}/cpuinfo_cur_freq", "200000\n")
        machine.write(f"{folder}/scaling_min_freq", "100000\n")
        machine.write(f"{folder}/scaling_max_freq", "300000\n")
        machine.write(f"{folder}/affected_cpus", "0\n")
        machine.write("proc/stat", "cpu  0 0 0 0\ncpu0 0 0 0 0\n")
        assert pslens.cpu_freq().current == 200.0

    def test_frequencies_in_cpuinfo_have_no_limits(self, machine):
        machine.write("proc/cpuinfo", "processor : 0\ncpu MHz : 500.5\n\nprocessor : 1\ncpu MHz : 700\n")
        assert pslens.cpu_freq(percpu=True) == [(500.5, 0.0, 0.0), (700.0, 0.0, 0.0)]

    def test_boot_time_needs_its_line(self, machine):
        machine.write("proc/stat", "cpu  1 2 3 4\n")
        with pytest.raises(RuntimeError):
            pslens.boot_time()


class TestDisks:
    # Counters 1 to 11 in the order of the kernel's documentation.
    COUNTERS = (1, 5, 3 * SECTOR, 7 * SECTOR, 4, 8, 2, 6, 10)

    def test_counters_of_kernel_2_6(self, machine):
        machine.write("proc/diskstats", "   3    0   hda 1 2 3 4 5 6 7 8 9 10 11\n")
        machine.write("sys/block/hda/stat")
        assert pslens.disk_io_counters(nowrap=False) == self.COUNTERS

    def test_counters_of_kernel_2_4_follow_the_size(self, machine):
        machine.write("proc/diskstats", "   3     0   39082680 hda 1 2 3 4 5 6 7 8 9 10 11\n")
        machine.write("sys/block/hda/stat")
        assert pslens.disk_io_counters(nowrap=False) == self.COUNTERS

    def test_partitions_of_kernel_2_6_have_four_counters(self, machine):
        machine.write("proc/diskstats", "   3    1   hda1 1 2 3 4\n")
        counters = pslens.disk_io_counters(perdisk=True, nowrap=False)
        assert counters == {"hda1": (1, 3, 2 * SECTOR, 4 * SECTOR, 0, 0, 0, 0, 0)}

    def test_partitions_are_listed_and_not_summed(self, machine):
        rows = "".join(f"259 0 {name} 1 2 3 4 5 6 7 8 9 10 11\n" for name in ("nvme0n1", "nvme0n1p1"))
        machine.write("proc/diskstats", rows)
        machine.write("sys/block/nvme0n1/stat")
        per_disk = pslens.disk_io_counters(perdisk=True, nowrap=False)
        assert per_disk == {"nvme0n1": self.COUNTERS, "nvme0n1p1": self.COUNTERS}
        assert pslens.disk_io_counters(nowrap=False) == self.COUNTERS

    def test_a_machine_without_disks(self, machine):
        machine.write("proc/diskstats")
        assert pslens.disk_io_counters() is None
        assert pslens.disk_io_counters(perdisk=True) == {}

    def test_a_system_that_counts_nothing(self, machine):
        with pytest.raises(NotImplementedError):
            pslens.disk_io_counters()

    def test_zfs_is_physical_though_it_has_no_device(self, machine):
        machine.write("proc/filesystems", "nodev\tproc\nnodev\tzfs\n\text4\n")
        mounts = "tank/home /home zfs rw,noatime 0 0\nproc /proc proc rw 0 0\n"
        machine.write("proc/self/mounts", mounts)
        assert pslens.disk_partitions() == [("tank/home", "/home", "zfs", "rw,noatime")]

    def test_without_a_list_of_mounts_there_are_no_partitions_to_tell(self, machine):
        machine.write("proc/filesystems", "\text4\n")
        with pytest.raises(FileNotFoundError):
            pslens.disk_partitions()

    def test_the_root_device_gets_its_name(self, machine):
        device = os.stat("/").st_dev
        machine.write("proc/filesystems", "\text4\n")
        machine.write("proc/self/mounts", "/dev/root / ext4 rw 0 0\n")
        machine.write(
            "proc/self/mountinfo",
            f"20 1 {os.major(device)}:{os.minor(device)} / / rw - ext4 /dev/root rw\n",
        )
        machine.write(
            "proc/partitions",
            f"major minor  #blocks  name\n\n{os.major(device):4} {os.minor(device):7} 99 sdq7\n",
        )
        assert pslens.disk_partitions()[0].device == "/dev/sdq7"


HEADINGS = (
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast"
    "|bytes    packets errs drop fifo colls carrier compressed\n"
)


class TestNetwork:
    def test_a_machine_without_interfaces(self, machine):
        machine.write("proc/net/dev", HEADINGS)
        (machine.folder / "sys/class/net").mkdir(parents=True)
        assert pslens.net_io_counters() is None
        assert pslens.net_io_counters(pernic=True) == {}
        assert pslens.net_if_stats() == {}

    def test_an_interface_that_goes_between_two_looks_is_left_out(self, machine):
        machine.write("proc/net/dev", f"{HEADINGS}gone0: {'1 ' * 16}\n")
        (machine.folder / "sys/class/net").mkdir(parents=True)
        assert list(pslens.net_io_counters(pernic=True)) == ["gone0"]
        assert pslens.net_if_stats() == {}

    def test_interfaces_are_those_of_the_chosen_procfs(self, machine):
        for name in ("here0", "elsewhere0"):
            machine.write(f"sys/class/net/{name}/flags", "0x1043\n")
            machine.write(f"sys/class/net/{name}/mtu", "1400\n")
            machine.write(f"sys/class/net/{name}/operstate", "up\n")
        machine.write("proc/net/dev", f"{HEADINGS}here0: {'1 ' * 16}\n")
        stats = pslens.net_if_stats()
        assert {name: (row.isup, row.mtu) for name, row in stats.items()} == {"here0": (True, 1400)}

    def test_addresses_are_the_running_systems_wherever_procfs_is(self, machine):
        addresses = pslens.net_if_addrs()
        assert addresses["lo"][0].address == "127.0.0.1"

    def test_a_row_of_a_local_socket_that_is_none_is_part_of_the_name_before(self, machine):
        rows = [
            "Num       RefCount Protocol Flags    Type St Inode Path",
            "0000000000000000: 00000003 00000000 00000000 0001 03 462170 @/tmp/dbus-1",
            "000000000000000000000000",
            "0000000000000000: 00000003 00000000 00000000 0001 03 35010",
        ]
        machine.write("proc/net/unix", "\n".join(rows) + "\n")
        sockets = pslens.net_connections("unix")
        assert sorted(socket.laddr for socket in sockets) == ["", "@/tmp/dbus-1\n000000000000000000000000"]

    def test_without_ipv6_there_are_ipv4_sockets(self, machine):
        row = "0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 99 1\n"
        machine.write("proc/net/tcp", f"  sl  local_address rem_address   st\n   {row}")
        machine.write("proc/net/udp", "  sl  local_address rem_address   st\n")
        assert [socket.laddr for socket in pslens.net_connections("inet")] == [("127.0.0.1", 22)]


class TestSensors:
    def test_temperatures_of_hwmon(self, machine):
        chip = "sys/class/hwmon/hwmon0"
        machine.write(f"{chip}/name", "coretemp\n")
        machine.write(f"{chip}/temp1_label", "Core 0\n")
        machine.write(f"{chip}/temp1_input", "30000\n")
        machine.write(f"{chip}/temp1_max", "40000\n")
        machine.write(f"{chip}/temp1_crit", "50000\n")
        assert pslens.sensors_temperatures() == {"coretemp": [("Core 0", 30.0, 40.0, 50.0)]}
        fahrenheit = pslens.sensors_temperatures(fahrenheit=True)
        assert fahrenheit == {"coretemp": [("Core 0", 86.0, 104.0, 122.0)]}

    def test_temperatures_of_thermal_zones(self, machine):
        zone = "sys/class/thermal/thermal_zone0"
        machine.write(f"{zone}/type", "acpitz\n")
        machine.write(f"{zone}/temp", "30000\n")
        machine.write(f"{zone}/trip_point_0_type", "critical\n")
        machine.write(f"{zone}/trip_point_0_temp", "50000\n")
        assert pslens.sensors_temperatures() == {"acpitz": [("", 30.0, 50.0, 50.0)]}

    def test_fans(self, machine):
        chip = "sys/class/hwmon/hwmon2"
        machine.write(f"{chip}/name", "thinkpad\n")
        machine.write(f"{chip}/fan1_label", "cpu_fan\n")
        machine.write(f"{chip}/fan1_input", "2000\n")
        assert pslens.sensors_fans() == {"thinkpad": [("cpu_fan", 2000)]}

    def test_a_battery_that_gives_no_power(self, machine):
        battery = "sys/class/power_supply/BAT0"
        machine.write(f"{battery}/type", "Battery\n")
        machine.write(f"{battery}/energy_now", "60000000\n")
        machine.write(f"{battery}/power_now", "0\n")
        machine.write(f"{battery}/energy_full", "60000001\n")
        state = pslens.sensors_battery()
        assert math.isclose(state.percent, 100.0, abs_tol=0.1)
        assert state.secsleft == pslens.POWER_TIME_UNKNOWN
        assert state.power_plugged is None


class TestProcfs:
    @pytest.mark.parametrize(
        "name",
        "virtual_memory swap_memory cpu_times cpu_stats boot_time net_connections net_io_counters"
        " net_if_stats disk_partitions".split(),
    )
    def test_nothing_is_read_elsewhere_if_procfs_is_empty(self, machine, name):
        with pytest.raises(FileNotFoundError):
            getattr(pslens, name)()

    def test_nobody_lives_in_an_empty_procfs(self, machine):
        assert pslens.pids() == []
        with pytest.raises(pslens.NoSuchProcess):
            pslens.Process()
