#!/usr/bin/env python3
"""The dispatcher on paper: perf/dispatcher.py MEASURED.json [--json]

What a run does with its groups, replayed with measured times and no randomness but a fixed sequence: the leader surveys, then every
team goes through one list in its order, asks the database for the first group that nobody of the run took (a statement that looks 500
names ahead, and the claim), works on it and records the result; a group that fails is tried again after the team's others. Claims and
results are served by one database at its measured rate, files by one file system at its bandwidth. MEASURED.json: perf/results/dispatcher.json.
"""
import argparse
import heapq
import json
import pathlib

AHEAD = 500  # names a look into the list asks for (TeamRun::count_taken)


def group_times(measured, n):
    """Seconds of work of n groups: the measured ones over and over, in an order that mixes them (Weyl's sequence)."""
    times = measured["group_s"]
    return [times[int((i * 0.6180339887498949) % 1.0 * len(times))] for i in range(n)]


class Served:
    """What one server gives to all, one after the other."""

    def __init__(self):
        self.free = 0.0

    def serve(self, at, seconds):
        self.free = max(self.free, at) + seconds
        return self.free


def makespan(teams, work, measured):
    """Wall seconds of one run with so many teams: its survey, then groups as teams become free."""
    survey = measured["startup_s"] + len(work) * measured["survey_group_s"]
    database, files = Served(), Served()
    free = [(survey, team) for team in range(teams)]
    heapq.heapify(free)
    read_s = measured["group_bytes"] / measured["file_system_bytes_per_s"]
    frontier, asked, end = 0, [0] * teams, survey
    while frontier < len(work):
        at, team = heapq.heappop(free)
        looks = 1 + (frontier - asked[team]) // AHEAD if frontier > asked[team] else 0
        at = database.serve(at, (looks + measured["statements_per_group"]) * measured["statement_s"])
        seconds = work[frontier]
        frontier += 1
        asked[team] = frontier
        fed = files.serve(at, read_s)
        at = max(at + seconds, fed)
        end = max(end, at)
        heapq.heappush(free, (at, team))
    return end


def table(measured, counts, groups_a_team):
    rows = []
    for teams in counts:
        work = group_times(measured, teams * groups_a_team)
        alone = measured["startup_s"] + sum(w + measured["statements_per_group"] * measured["statement_s"] for w in work)
        alone += len(work) * measured["survey_group_s"]
        wall = makespan(teams, work, measured)
        rows.append({"teams": teams, "groups": len(work), "wall_s": round(wall, 1),
                     "efficiency": round(alone / (teams * wall), 4)})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("measured", type=pathlib.Path)
    parser.add_argument("--groups-a-team", type=int, default=50)
    parser.add_argument("--teams", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 10000, 40000])
    for name in ("file_system_bytes_per_s", "survey_group_s", "statement_s"):
        parser.add_argument("--" + name.replace("_", "-"), type=float, help="instead of the measured one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured = json.loads(options.measured.read_text())
    for name in ("file_system_bytes_per_s", "survey_group_s", "statement_s"):
        if getattr(options, name) is not None:
            measured[name] = getattr(options, name)
    rows = table(measured, options.teams, options.groups_a_team)
    if options.json:
        print(json.dumps({"measured": measured, "rows": rows}, indent=1))
        return
    print("teams   groups     wall  efficiency")
    for row in rows:
        print(f"{row['teams']:5d} {row['groups']:8d} {row['wall_s']:8.0f}  {row['efficiency']:.3f}")


if __name__ == "__main__":
    main()
