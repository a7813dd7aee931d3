"""A million calls leave memory and descriptors as they were."""

import gc

import pslens as psutil

MILLION = 1_000_000

# What is cheap is called most often; `weight` calls of each in a round.
SYSTEM = {
    "pid_exists": (lambda: psutil.pid_exists(1), 400),
    "virtual_memory": (psutil.virtual_memory, 20),
    "swap_memory": (psutil.swap_memory, 20),
    "cpu_times": (psutil.cpu_times, 20),
    "cpu_times percpu": (lambda: psutil.cpu_times(percpu=True), 10),
    "cpu_percent": (psutil.cpu_percent, 10),
    "cpu_times_percent": (lambda: psutil.cpu_times_percent(percpu=True), 10),
    "cpu_stats": (psutil.cpu_stats, 10),
    "cpu_freq": (psutil.cpu_freq, 5),
    "cpu_count": (psutil.cpu_count, 10),
    "getloadavg": (psutil.getloadavg, 50),
    "net_io_counters": (lambda: psutil.net_io_counters(pernic=True), 20),
    "disk_io_counters": (lambda: psutil.disk_io_counters(perdisk=True), 20),
    "disk_partitions": (lambda: psutil.disk_partitions(all=True), 2),
    "disk_usage": (lambda: psutil.disk_usage("/"), 50),
    "net_if_addrs": (psutil.net_if_addrs, 5),
    "net_if_stats": (psutil.net_if_stats, 5),
    "net_connections": (lambda: psutil.net_connections("all"), 1),
    "sensors": (lambda: (psutil.sensors_temperatures(), psutil.sensors_fans(), psutil.sensors_battery()), 1),
    "users": (psutil.users, 5),
    "boot_time": (psutil.boot_time, 10),
    "pids": (psutil.pids, 5),
    "process_iter": (lambda: [p.info for p in psutil.process_iter(["name", "environ"])], 1),
    "error": (lambda: _refused(lambda: psutil.Process(1 << 30)), 50),
    "argument": (lambda: _refused(lambda: psutil.net_connections("x")), 50),
}


def _refused(call):
    try:
        call()
    except (psutil.Error, ValueError):
        pass
    else:
        raise AssertionError("not refused")


def process_calls(process):
    calls = {"Process": (lambda: psutil.Process(process.pid), 50), "oneshot": (lambda: _look(process), 50)}
    heavy = {"memory_maps", "memory_full_info", "net_connections", "open_files", "environ", "threads"}
    for name in psutil.Process.attrs - {"pid"}:
        calls[name] = (getattr(process, name), 2 if name in heavy else 20)
    calls["children"] = (lambda: process.children(recursive=True), 1)
    calls["parents"] = (process.parents, 1)
    calls["str"] = (lambda: str(process), 5)
    calls["as_dict"] = (process.as_dict, 1)
    calls["nice"] = (lambda: process.nice(0), 10)
    calls["rlimit"] = (lambda: process.rlimit(psutil.RLIMIT_NOFILE), 20)
    calls["ionice refused"] = (lambda: _refused(lambda: process.ionice(9, 0)), 10)
    calls["wait"] = (lambda: _refused(lambda: process.wait(0)), 10)
    return calls


def _look(process):
    with process.oneshot():
        process.name()
        process.ppid()


def test_a_million_calls(sleeper):
    calls = [*SYSTEM.values(), *process_calls(sleeper).values()]
    in_a_round = sum(weight for _, weight in calls)
    me = psutil.Process()

    def rounds(number):
        for _ in range(number):
            for call, weight in calls:
                for _ in range(weight):
                    call()
        # An object for every process of the machine, of which there may be more by now.
        psutil.process_iter.cache_clear()
        gc.collect()
        psutil.heap_trim()
        return me.num_fds(), me.memory_info().rss

    fds, rss = rounds(50)
    fds_after, rss_after = rounds(MILLION // in_a_round)
    assert fds_after == fds
    # A page or two come and go; a leak of eight bytes a call would be eight million.
    assert rss_after - rss < 2 << 20
