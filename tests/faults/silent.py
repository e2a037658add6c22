"""The database's server takes connections and says nothing: its machine hangs, or packets are lost. A run that is to stop ends within 25 s all the same,
and one that is not goes on, and ships what it kept when the server speaks again.

  silent.py PROGRAM [--groups N] [--quick]

The first case needs no server; the others run within tests/support/postgresql with …, through a port that falls silent."""
import argparse
import os
import pathlib
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import Campaign, Wrong, expect  # noqa: E402  (its folder is known only now)
from processes import Run, wait_until  # noqa: E402

LIMIT = 25  # seconds from the signal to the end


class Port:
    """A port on this machine; what comes goes to the server behind it, while it speaks. Connections are always taken."""

    def __init__(self, server=None):
        self.server, self.speaks, self.pairs = server, server is not None, {}
        self.door = socket.create_server(("127.0.0.1", 0))
        self.number = self.door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        ready = selectors.DefaultSelector()
        ready.register(self.door, selectors.EVENT_READ)
        while True:
            if not self.speaks:
                time.sleep(0.05)
                continue
            for key, _ in ready.select(0.05):
                if key.fileobj is self.door:
                    self._take(ready)
                else:
                    self._carry(ready, key.fileobj)

    def _take(self, ready):
        client = self.door.accept()[0]
        server = socket.create_connection(self.server)
        self.pairs.update({client: server, server: client})
        for one in (client, server):
            ready.register(one, selectors.EVENT_READ)

    def _carry(self, ready, one):
        other = self.pairs.get(one)
        try:
            data = one.recv(1 << 16)
            if data and other:
                other.sendall(data)
                return
        except OSError:
            pass
        for end in (one, other):
            if end in self.pairs:
                ready.unregister(end)
                del self.pairs[end]
                end.close()


def stop_in_time(run, what):
    """TERM to both ranks; how long the run takes to end with one of the codes."""
    begun = time.monotonic()
    for rank in (0, 1):
        run.strike(rank, signal.SIGTERM)
    code = run.code(LIMIT + 15)
    took = time.monotonic() - begun
    expect(code in (69, 75) and took <= LIMIT, f"{what}: exit {code} {took:.1f} s after the signal\n{run.log()}")
    return took


def from_the_start(campaign):
    """Nobody ever answers: a signal at once, and a signal a little later."""
    took = []
    for later in (1, 6):
        campaign.db = f"postgresql://someone@127.0.0.1:{Port().number}/night"
        run = Run(campaign.command("--quiet"))
        expect(wait_until(lambda run=run: len(run.ranks()) == 2, 20), run.log())
        time.sleep(later)
        took.append(stop_in_time(run, "silent from the start"))
    return f"silent from the start: ended {max(took):.1f} s after the signal"


def through(campaign, port):
    """The campaign's command, its database behind the port."""
    command = campaign.command()
    at = command.index("--db") + 1
    real = command[at]
    command[at] = real.replace(real.split("@")[1].split("/")[0], f"127.0.0.1:{port.number}")
    return command


def begun(campaign, port):
    run = Run(through(campaign, port))
    expect(wait_until(lambda: campaign.done() >= 2 or not run.running(), 120, 0.05) and run.running(), f"it does not get on\n{run.log()}")
    port.speaks = False
    return run


def finish(campaign, calm):
    again = Run(campaign.command("--quiet"))
    expect(again.code(180) == 0, again.log())
    campaign.check()
    campaign.same_products(calm)
    expect(not list(campaign.out.glob("spool/*")), "a spool is left")


def stopped_in_the_middle(campaign, port, calm, after):
    run = begun(campaign, port)
    time.sleep(after)
    took = stop_in_time(run, f"silent for {after} s")
    before = set(campaign.query("SELECT group_id, run_id FROM group_runs WHERE status = 'COMPLETED'"))
    finish(campaign, calm)
    after_all = set(campaign.query("SELECT group_id, run_id FROM group_runs WHERE status = 'COMPLETED'"))
    expect(before <= after_all, "a finished group was done again")
    return f"silent for {after} s: ended {took:.1f} s after the signal"


def speaks_again(campaign, port, calm):
    """Silent for longer than a statement is waited for."""
    run = begun(campaign, port)
    expect(wait_until(lambda: "the run goes on" in run.log(), 150, 0.2), f"the silence was not noticed\n{run.log()}")
    port.speaks = True
    expect(run.code(240) == 0, f"the run did not end well\n{run.log()}")
    finish(campaign, calm)
    return "spoke again: the run went on"


def behind(campaign, n):
    """A database of its own behind a port."""
    address = os.environ["NOCTURNE_TEST_POSTGRESQL"]
    subprocess.run(["psql", address, "-qc", f"CREATE DATABASE silent{n}"], check=True)
    campaign.db = address.replace("/postgres", f"/silent{n}")
    host, port = address.split("@")[1].split("/")[0].split(":")
    return Port((host, int(port)))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--groups", type=int, default=8)
    options.add_argument("--imsize", type=int, default=1024)
    options.add_argument("--quick", action="store_true", help="one case in the middle")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nocturne-silent-") as top:
        groups = Campaign(given.program, top + "/groups", given.imsize).simulate(given.groups)
        told = [from_the_start(Campaign(given.program, top + "/start", given.imsize).over(groups))]
        if "NOCTURNE_TEST_POSTGRESQL" in os.environ:
            calm = Campaign(given.program, top + "/calm", given.imsize).over(groups)
            expect(Run(calm.command("--quiet")).code(300) == 0, "the undisturbed run")
            cases = [lambda *c: stopped_in_the_middle(*c, 2)]
            if not given.quick:
                cases += [lambda *c: stopped_in_the_middle(*c, 30), speaks_again]
            for n, case in enumerate(cases):
                campaign = Campaign(given.program, f"{top}/c{n}", given.imsize).over(groups)
                told.append(case(campaign, behind(campaign, n), calm))
        print("silent: " + "; ".join(told))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as problem:
        print(f"silent: WRONG: {problem}")
        sys.exit(1)
