//! Speed and duplex of an interface: ioctl `SIOCETHTOOL`, command `ETHTOOL_GSET`.
//!
//! The older of the two commands, because every kernel answers it in one call; `ETHTOOL_GLINKSETTINGS`
//! (Linux 4.6) takes two and knows nothing more that is wanted here.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};

/// What the driver says; all ones where it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Megabits per second.
    pub(crate) speed: u32,
    /// 0 half, 1 full.
    pub(crate) duplex: u8,
}

const ETHTOOL_GSET: u32 = 1;

/// `struct ethtool_cmd` of `include/uapi/linux/ethtool.h`.
#[repr(C)]
#[derive(Default)]
struct Command {
    cmd: u32,
    supported: u32,
    advertising: u32,
    speed: u16,
    duplex: u8,
    port: u8,
    phy_address: u8,
    transceiver: u8,
    autoneg: u8,
    mdio_support: u8,
    maxtxpkt: u32,
    maxrxpkt: u32,
    speed_hi: u16,
    eth_tp_mdix: u8,
    eth_tp_mdix_ctrl: u8,
    lp_advertising: u32,
    reserved: [u32; 2],
}

const _: () = assert!(size_of::<Command>() == 44);

/// Asks the driver of the interface `name`; `socket` is any socket of its network namespace.
pub(crate) fn settings(socket: BorrowedFd<'_>, name: &[u8]) -> io::Result<Settings> {
    let mut command = Command {
        cmd: ETHTOOL_GSET,
        ..Command::default()
    };
    let mut request = MaybeUninit::<libc::ifreq>::zeroed();
    // SAFETY: `ifreq` is integers and a union of integers and pointers; all zeros is a value of each.
    let request = unsafe { request.assume_init_mut() };
    if name.len() >= request.ifr_name.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (to, &from) in request.ifr_name.iter_mut().zip(name) {
        *to = from as libc::c_char;
    }
    request.ifr_ifru.ifru_data = (&raw mut command).cast();
    // SAFETY: the descriptor is open while it is borrowed. The kernel reads an `ifreq` from the third
    // argument, which is one, and reads and writes a `struct ethtool_cmd` where `ifru_data` points to,
    // which is `command`: of that size, and not used otherwise until the call returns (netdevice(7)).
    let result = unsafe {
        libc::ioctl(
            socket.as_raw_fd(),
            libc::SIOCETHTOOL as libc::Ioctl,
            std::ptr::from_mut(request),
        )
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Settings {
        speed: u32::from(command.speed_hi) << 16 | u32::from(command.speed),
        duplex: command.duplex,
    })
}
