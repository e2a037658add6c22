"""Programs of which one call that changes a file fails: what a preloaded library (tests/support/faults.cpp) does to them."""
import errno
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile

FAULTS = {"no space": errno.ENOSPC, "bad medium": errno.EIO, "short write": 0, "kill -9": -signal.SIGKILL}
REFUSED = (73, 74, 75)  # a directory or a file that cannot be made, written, or recorded
LIMIT_S = 120


def failing(words, library, below, n, error):
    """Exit code, words on standard error, calls made below a directory and the one that failed, with the n-th failing; 0: none does."""
    with tempfile.NamedTemporaryFile() as counter:
        counter.write(bytes(64))
        counter.flush()
        run = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=LIMIT_S,
                             check=False, env={**os.environ, "LD_PRELOAD": library, "NOCTURNE_FAULT_BELOW": str(below),
                                               "NOCTURNE_FAULT_COUNTER": counter.name, "NOCTURNE_FAULT_AT": str(n), "NOCTURNE_FAULT_ERROR": str(error)})
        calls, name = struct.unpack("Q56s", pathlib.Path(counter.name).read_bytes())
    return run.returncode, run.stderr, calls, name.rstrip(b"\0").decode()


def in_memory():
    """A file system that need not wait for a disk, where there is one: thousands of runs sync some sixty times each. None: the usual place."""
    place = "/dev/shm"
    return place if os.access(place, os.W_OK) and shutil.disk_usage(place).free > 1 << 30 else None
