"""A run under mpirun whose ranks can be struck."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1"}


def children_of(pid):
    try:
        return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def rank_of(pid):
    """OMPI_COMM_WORLD_RANK of a process, None where it has none."""
    try:
        for entry in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            if entry.startswith(b"OMPI_COMM_WORLD_RANK="):
                return int(entry.split(b"=")[1])
    except OSError:
        pass
    return None


class Run:
    """The command on some ranks, its log in a file; code() waits for its end."""

    def __init__(self, command, ranks=2, **environment):
        self.log_file = tempfile.NamedTemporaryFile(mode="w+", prefix="nocturne-run-", suffix=".log")
        self.process = subprocess.Popen(["mpirun", "-np", str(ranks), *command], stdin=subprocess.DEVNULL, stdout=self.log_file,
                                        stderr=subprocess.STDOUT, env={**os.environ, **ENVIRONMENT, **environment})

    def ranks(self):
        """Process ids by rank, of those that live."""
        return {rank_of(pid): pid for pid in children_of(self.process.pid) if rank_of(pid) is not None}

    def strike(self, rank, blow=signal.SIGKILL):
        pid = self.ranks().get(rank)
        if pid is None:
            return False
        try:
            os.kill(pid, blow)
        except ProcessLookupError:
            return False
        return True

    def code(self, limit):
        """The exit code; None where it did not end in time, and is killed then."""
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            for pid in [*self.ranks().values(), self.process.pid]:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
            return None

    def running(self):
        return self.process.poll() is None

    def log(self):
        return pathlib.Path(self.log_file.name).read_text(errors="replace")


def wait_until(truth, limit, pause=0.02):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if truth():
            return True
        time.sleep(pause)
    return False
