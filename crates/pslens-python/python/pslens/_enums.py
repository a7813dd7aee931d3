"""Enumerations, and the constants that are their members."""

import enum
import signal
import socket

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

AF_LINK = AddressFamily.AF_LINK

for _enumeration in (NicDuplex, BatteryTime, IOPriority):
    globals().update(_enumeration.__members__)
del _enumeration


def negsignal(number):
    """The member for a number; the number itself for real-time signals, which have no names."""
    try:
        return Negsignal(number)
    except ValueError:
        return number


def belong_to_psutil():
    """From here on texts and pickles name the modules in which psutil has them."""
    BatteryTime.__module__ = NicDuplex.__module__ = "psutil._common"
    AddressFamily.__module__ = IOPriority.__module__ = "psutil._pslinux"
    Negsignal.__module__ = "psutil._psposix"


if Process.__module__ == "psutil":
    belong_to_psutil()
