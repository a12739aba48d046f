"""Disks that fail, each in a mount namespace of its own, with the programs and rights that they need.

- `full` and `read-only` are a small tmpfs.
- `limit` lets no file grow (EFBIG).
- `dead` and `dies` are a real ext4 whose driver is told to shut down, from the start or in the middle of the work, so
  that the kernel answers EIO to every read and write.
- `no fsync` and `no rename` are a sound disk with a tracer, which makes these calls alone fail with EIO.
"""

import fcntl
import os
import shlex
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_SHUT_DOWN = 0x8004587D
"""FS_IOC_SHUTDOWN of linux/fs.h, which ext4, xfs and f2fs know."""

_WITHOUT_LOG = 2
"""Its argument that leaves the journal unwritten."""
_AS_ROOT = ("unshare", "--mount")
_AS_USER = ("unshare", "--user", "--map-root-user", "--mount")
_MOUNT = "mount -t tmpfs -o size=64k none {disk}; "
_EXT4 = "truncate -s 16M {disk}.img; mkfs.ext4 -q -F {disk}.img; mount -o loop {disk}.img {disk}; "
_TRACE = "strace -f -qq --seccomp-bpf -o /dev/null -e trace={calls} -e inject={calls}:error=EIO"


@dataclass(frozen=True, slots=True)
class BadDisk:
    """A disk that the shell commands `steps` make; `traced` are system calls that fail, `needs` programs."""

    steps: str
    traced: str = ""
    needs: tuple[str, ...] = ("unshare", "mount")
    needs_root: bool = False

    def shell(self, disk: Path, command: str, *, listing: Path) -> list[str]:
        """Return a command that runs `command` beside this disk, then writes the names on the disk to `listing`."""
        namespace = _AS_ROOT if self.needs_root else _AS_USER
        tracer = f"{_TRACE.format(calls=self.traced)} " if self.traced else ""
        steps = self.steps.format(
            disk=shlex.quote(str(disk)), shut_down=f"{sys.executable} -m torture.harness.bad_disks"
        )
        look = f"ls -A {shlex.quote(str(disk))} >{shlex.quote(str(listing))} || true"
        return [
            *namespace,
            "sh",
            "-ec",
            f"{steps} code=0; {tracer}{command} || code=$?; ulimit -f 9; {look}; exit $code",
        ]

    def missing(self) -> str:
        """Return why the disk cannot be made on this machine, "" if it can."""
        absent = [name for name in self.needs if shutil.which(name) is None]
        if absent:
            return f"no {', '.join(absent)}"
        if self.needs_root and not _may_mount_loops():
            return "not root with loop devices"
        return "" if self.needs_root or _works([*_AS_USER, "mount", "-t", "tmpfs", "none", "/mnt"]) else "no namespaces"


DISKS = {
    "full": BadDisk(f"{_MOUNT}head -c 65536 /dev/zero > {{disk}}/filler || true;"),
    "read-only": BadDisk(f"{_MOUNT}mount -o remount,ro {{disk}};"),
    "limit": BadDisk("ulimit -S -f 0;"),
    "dead": BadDisk(f"{_EXT4}{{shut_down}} {{disk}};", needs=("unshare", "mount", "mkfs.ext4"), needs_root=True),
    "dies": BadDisk(_EXT4, needs=("unshare", "mount", "mkfs.ext4"), needs_root=True),
    "no fsync": BadDisk("", traced="fsync,fdatasync", needs=("unshare", "strace")),
    "no rename": BadDisk("", traced="rename,renameat,renameat2,link,linkat", needs=("unshare", "strace")),
}


def shut_down(folder: str) -> None:
    """Make the kernel answer EIO to all who use the file system of that folder from now on."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, _SHUT_DOWN, struct.pack("I", _WITHOUT_LOG))
    finally:
        os.close(descriptor)


def _may_mount_loops() -> bool:
    return os.geteuid() == 0 and Path("/dev/loop-control").exists() and _works([*_AS_ROOT, "true"])


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    shut_down(sys.argv[1])
