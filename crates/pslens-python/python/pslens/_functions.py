"""Functions that Python has to make: a generator, and those that carry another function with them."""

import sys

from . import _native


def process_iter(attrs=None, ad_value=None):
    """Goes through all processes in ascending order of their pids, as a generator of `Process` objects.

    The object of a process is the same in later calls. With `attrs`, a list of names as for
    `Process.as_dict`, each object has an attribute `info`, a dictionary with these (an empty list means
    everything); `ad_value` stands for what may not be read. Processes that go meanwhile are left out.

    >>> for process in process_iter(["pid", "name"]):
    ...     print(process.info)
    """
    package = sys.modules[__package__]
    cache = package._pmap.copy()
    try:
        yield from _native._Scan(attrs, ad_value, cache, package.Process)
    finally:
        package._pmap = cache


def _process_iter_cache_clear():
    """Forgets the objects of earlier calls."""
    sys.modules[__package__]._pmap.clear()


process_iter.cache_clear = _process_iter_cache_clear


def disk_io_counters(perdisk=False, nowrap=True):
    """What all disks have read and written since the system was started; None without disks.

    `read_count`, `write_count`, `read_bytes`, `write_bytes`, `read_time`, `write_time` (milliseconds),
    `read_merged_count`, `write_merged_count`, `busy_time` (milliseconds).

    With `perdisk`, a dictionary by the names of disks and their partitions. With `nowrap`, counters that
    started again at 0 continue where they were; `disk_io_counters.cache_clear()` forgets that.

    >>> disk_io_counters().read_bytes
    46400102400
    """
    return _native.disk_io_counters(perdisk, nowrap)


disk_io_counters.cache_clear = _native.disk_io_counters_cache_clear


def net_io_counters(pernic=False, nowrap=True):
    """What all interfaces have sent and received since the system was started; None without interfaces.

    `bytes_sent`, `bytes_recv`, `packets_sent`, `packets_recv`, `errin`, `errout`, `dropin`, `dropout`.

    With `pernic`, a dictionary by the names of interfaces. With `nowrap`, counters that started again at
    0 continue where they were; `net_io_counters.cache_clear()` forgets that.

    >>> net_io_counters().bytes_sent
    14508483
    """
    return _native.net_io_counters(pernic, nowrap)


net_io_counters.cache_clear = _native.net_io_counters_cache_clear


def bytes2human(n, format="%(value).1f%(symbol)s"):
    """A number of bytes for people.

    >>> bytes2human(10000)
    '9.8K'
    """
    symbols = "BKMGTPEZY"
    power = 0
    while power < len(symbols) - 1 and abs(n) >= 1 << 10 * (power + 1):
        power += 1
    value = n / (1 << 10 * power) if power else n
    if not power:
        # As psutil: bytes are whole, whatever the format asks for.
        return format % {"symbol": "B", "value": value}
    return format % {"symbol": symbols[power], "value": value}
