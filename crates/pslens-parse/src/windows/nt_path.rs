//! Paths as the kernel has them, and as programs do.
//!
//! The kernel names devices: `\Device\HarddiskVolume3\Windows\explorer.exe`. Which drive letter is a name
//! of which device is told by `QueryDosDevice`.

/// A drive letter and the device that it is a name of (`C`, `\Device\HarddiskVolume3`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drive {
    letter: u8,
    device: Vec<u16>,
}

impl Drive {
    /// `target` is what `QueryDosDevice` answers for the letter: what it is a name of now, and, behind a NUL,
    /// what it was before. `None` if that is no device (a letter of a directory, made by `subst`).
    #[must_use]
    pub fn new(letter: u8, target: &[u16]) -> Option<Self> {
        let device = target.split(|&unit| unit == 0).next()?;
        below(device, r"\Device")?;
        Some(Self {
            letter,
            device: device.to_vec(),
        })
    }
}

/// The path for programs.
///
/// - On a device with a letter: `C:\dir\file`.
/// - On the network (`\Device\Mup`, `\??\UNC`): `\\server\share\dir\file`.
/// - `\??\` in front of such a path is dropped.
/// - On any other device: `\\?\GLOBALROOT` in front, with which programs can open it.
/// - What does not start with a backslash is no path of the kernel, and stays as it is.
#[must_use]
pub fn for_programs(path: &[u16], drives: &[Drive]) -> Vec<u16> {
    if path.first() != Some(&u16::from(b'\\')) {
        return path.to_vec();
    }
    if let Some(rest) = below(path, r"\Device\Mup").or_else(|| below(path, r"\??\UNC")) {
        return joined(r"\", without_redirector(rest));
    }
    if let Some(rest) = below(path, r"\??") {
        return rest.get(1..).unwrap_or_default().to_vec();
    }
    // A device may lie below another one: then the longer name is meant.
    let drive = drives
        .iter()
        .filter_map(|drive| Some((drive, below_units(path, &drive.device)?)))
        .min_by_key(|(_, rest)| rest.len());
    match drive {
        Some((drive, rest)) => {
            let mut path = vec![u16::from(drive.letter), u16::from(b':')];
            path.extend_from_slice(rest);
            path
        }
        None => joined(r"\\?\GLOBALROOT", path),
    }
}

/// What of `path` is below `ancestor`, starting with the backslash.
fn below<'a>(path: &'a [u16], ancestor: &str) -> Option<&'a [u16]> {
    let ancestor: Vec<u16> = ancestor.encode_utf16().collect();
    below_units(path, &ancestor)
}

fn below_units<'a>(path: &'a [u16], ancestor: &[u16]) -> Option<&'a [u16]> {
    let (start, rest) = path.split_at_checked(ancestor.len())?;
    let same = start
        .iter()
        .copied()
        .map(upper)
        .eq(ancestor.iter().copied().map(upper));
    (same && rest.first() == Some(&u16::from(b'\\'))).then_some(rest)
}

/// Names of the kernel do not depend on case; those of devices are ASCII.
fn upper(unit: u16) -> u16 {
    match u8::try_from(unit) {
        Ok(byte) => byte.to_ascii_uppercase().into(),
        Err(_) => unit,
    }
}

/// `\;LanmanRedirector\;Z:0000000000012345\server\share` goes through a certain redirector, for the drive
/// letter of a certain session; what programs use is `\server\share`.
fn without_redirector(mut path: &[u16]) -> &[u16] {
    while let [first, second, after @ ..] = path
        && *first == u16::from(b'\\')
        && *second == u16::from(b';')
    {
        let next = after.iter().position(|&unit| unit == u16::from(b'\\'));
        path = next.and_then(|next| after.get(next..)).unwrap_or_default();
    }
    path
}

fn joined(start: &str, rest: &[u16]) -> Vec<u16> {
    start.encode_utf16().chain(rest.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drives() -> Vec<Drive> {
        [
            (b'C', r"\Device\HarddiskVolume1"),
            (b'D', r"\Device\HarddiskVolume10"),
            (
                b'E',
                "\\Device\\HarddiskVolume1\\inner\0\\Device\\Before\0\0",
            ),
            (b'F', r"\??\C:\dir"),
            (b'G', ""),
        ]
        .into_iter()
        .filter_map(|(letter, target)| Drive::new(letter, &wide(target)))
        .collect()
    }

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn check(path: &str, expect: &str) {
        let got = for_programs(&wide(path), &drives());
        assert_eq!(String::from_utf16(&got).unwrap(), expect);
    }

    #[test]
    fn nt_path_on_a_drive() {
        check(
            r"\Device\HarddiskVolume1\Windows\a.exe",
            r"C:\Windows\a.exe",
        );
        check(r"\device\HARDDISKVOLUME1\a.exe", r"C:\a.exe");
        check(r"\Device\HarddiskVolume1\", r"C:\");
        check(r"\Device\HarddiskVolume10\a.exe", r"D:\a.exe");
        check(r"\Device\HarddiskVolume1\inner\a.exe", r"E:\a.exe");
        check(
            r"\Device\HarddiskVolume1\innermost\a.exe",
            r"C:\innermost\a.exe",
        );
        check(r"\??\Z:\a b.exe", r"Z:\a b.exe");
    }

    #[test]
    fn nt_path_on_the_network() {
        check(r"\Device\Mup\server\share\a.exe", r"\\server\share\a.exe");
        check(
            r"\Device\Mup\;LanmanRedirector\;Z:0000000000012345\server\share\a.exe",
            r"\\server\share\a.exe",
        );
        check(r"\??\UNC\server\share\a.exe", r"\\server\share\a.exe");
        check(r"\Device\Mup\;x", r"\");
    }

    #[test]
    fn nt_path_on_a_device_without_a_letter() {
        check(
            r"\Device\HarddiskVolume2\a.exe",
            r"\\?\GLOBALROOT\Device\HarddiskVolume2\a.exe",
        );
        check(
            r"\Device\HarddiskVolume1",
            r"\\?\GLOBALROOT\Device\HarddiskVolume1",
        );
    }

    #[test]
    fn what_is_no_path_of_the_kernel_stays_as_it_is() {
        for path in [r"C:\windows\system32\l_intl.nls", "Registry", ""] {
            check(path, path);
        }
    }

    #[test]
    fn nt_path_need_not_be_well_formed() {
        let mut path = wide(r"\Device\HarddiskVolume1\");
        path.push(0xdc00);
        let got = for_programs(&path, &drives());
        assert_eq!(got, [0x43, 0x3a, 0x5c, 0xdc00]);
    }
}
