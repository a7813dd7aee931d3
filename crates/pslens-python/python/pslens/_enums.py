"""Enumerations, and the constants that are their members."""

import enum
import sys

from ._native import Process


class NicDuplex(enum.IntEnum):
    """Whether an interface can send and receive at the same time."""

    NIC_DUPLEX_FULL = 2
    NIC_DUPLEX_HALF = 1
    NIC_DUPLEX_UNKNOWN = 0


class BatteryTime(enum.IntEnum):
    """What `sensors_battery().secsleft` can be other than a number of seconds."""

    POWER_TIME_UNKNOWN = -1
    POWER_TIME_UNLIMITED = -2


if sys.platform == "win32":

    class IOPriority(enum.IntEnum):
        """How urgent input and output are."""

        IOPRIO_VERYLOW = 0
        IOPRIO_LOW = 1
        IOPRIO_NORMAL = 2
        IOPRIO_HIGH = 3

    class Priority(enum.IntEnum):
        """Priority classes."""

        ABOVE_NORMAL_PRIORITY_CLASS = 0x8000
        BELOW_NORMAL_PRIORITY_CLASS = 0x4000
        HIGH_PRIORITY_CLASS = 0x80
        IDLE_PRIORITY_CLASS = 0x40
        NORMAL_PRIORITY_CLASS = 0x20
        REALTIME_PRIORITY_CLASS = 0x100

    AddressFamily = enum.IntEnum("AddressFamily", {"AF_LINK": -1}, module=__name__)

    # Where psutil has them.
    _PLACES = {
        "psutil._common": (BatteryTime, NicDuplex),
        "psutil._pswindows": (AddressFamily, IOPriority, Priority),
    }
    _CONSTANTS = (NicDuplex, BatteryTime, IOPriority, Priority)

    def priority(number):
        """The member for a number; the number itself if it has none."""
        return _member(Priority, number)

else:
    import signal
    import socket

    class IOPriority(enum.IntEnum):
        """Classes of I/O priority."""

        IOPRIO_CLASS_NONE = 0
        IOPRIO_CLASS_RT = 1
        IOPRIO_CLASS_BE = 2
        IOPRIO_CLASS_IDLE = 3

    AddressFamily = enum.IntEnum("AddressFamily", {"AF_LINK": int(socket.AF_PACKET)}, module=__name__)

    # How a process ended that a signal ended: the number with a minus sign.
    Negsignal = enum.IntEnum(
        "Negsignal", {member.name: -member.value for member in signal.Signals}, module=__name__
    )

    # Where psutil has them.
    _PLACES = {
        "psutil._common": (BatteryTime, NicDuplex),
        "psutil._pslinux": (AddressFamily, IOPriority),
        "psutil._psposix": (Negsignal,),
    }
    _CONSTANTS = (NicDuplex, BatteryTime, IOPriority)

    def negsignal(number):
        """The member for a number; the number itself for real-time signals, which have no names."""
        return _member(Negsignal, number)


AF_LINK = AddressFamily.AF_LINK

for _enumeration in _CONSTANTS:
    globals().update(_enumeration.__members__)
del _enumeration


def _member(enumeration, number):
    try:
        return enumeration(number)
    except ValueError:
        return number


def belong_to_psutil():
    """From here on texts and pickles name the modules in which psutil has them."""
    for module, enumerations in _PLACES.items():
        for enumeration in enumerations:
            enumeration.__module__ = module


if Process.__module__ == "psutil":
    belong_to_psutil()
