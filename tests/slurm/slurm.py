"""A throwaway Slurm, as the tests speak to it."""
import os
import pathlib
import re
import subprocess
import time

CLUSTER = str(pathlib.Path(__file__).resolve().parent / "cluster")


class Slurm:
    def __init__(self, directory, nodes=3):
        self.dir = str(directory)
        self.nodes = nodes

    def __enter__(self):
        started = subprocess.run([CLUSTER, "start", self.dir, str(self.nodes)], check=False)
        if started.returncode:
            self.__exit__()
            raise SystemExit(started.returncode)
        for line in subprocess.run([CLUSTER, "env", self.dir], check=True, capture_output=True, text=True).stdout.splitlines():
            for name, value in re.findall(r"(\w+)='?([^\s']+)'?", line.removeprefix("export ")):
                os.environ[name] = value
        return self

    def __exit__(self, *_):
        subprocess.run([CLUSTER, "stop", self.dir], check=False)

    def said(self, *words):
        return subprocess.run(words, check=False, capture_output=True, text=True).stdout

    def fields(self, job):
        return dict(pair.split("=", 1) for pair in self.said("scontrol", "-o", "show", "job", job).split() if "=" in pair)

    def state(self, job):
        return self.fields(job).get("JobState", "")

    def restarts(self, job):
        return int(self.fields(job).get("Restarts", "0"))

    def states(self, job):
        """Of a job, or of all elements of an array."""
        return re.findall(r"JobState=(\w+)", self.said("scontrol", "-o", "show", "job", job))

    def wait(self, job, *wanted, limit=120):
        """Until all of the job is in one of the states; which they are."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            states = self.states(job)
            if states and all(s in wanted for s in states):
                return set(states)
            time.sleep(0.3)
        raise TimeoutError(f"job {job} is {set(self.states(job))} after {limit} s:\n" + self.said("scontrol", "show", "job", job))

    def ended(self, job, limit=600):
        return self.wait(job, "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "OUT_OF_MEMORY", limit=limit)

    def lose(self, node):
        subprocess.run([CLUSTER, "lose", self.dir, node], check=True)

    def bring_back(self, node):
        subprocess.run([CLUSTER, "node", self.dir, node], check=True)
        end = time.monotonic() + 60
        while self.said("sinfo", "-h", "-n", node, "-o", "%t").split()[0] not in ("idle", "mix", "alloc") and time.monotonic() < end:
            self.said("scontrol", "update", f"nodename={node}", "state=resume")
            time.sleep(0.5)
