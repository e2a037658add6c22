#!/usr/bin/env python3
"""Measurement Sets through nocturne and back: `convert X.ms --ms Y.ms`, then every column of the main table and of every subtable
compared with python-casacore, cell by cell and exactly, with the frames, units and other keywords of the columns.

For each set, and for copies of it with shuffled rows, exchanged antennas, descending channels, missing rows, two spectral
windows, two fields, more columns and weights that cannot be used. Differences that are meant (docs/measurement-set.md) are counted and said, all others fail:
  HISTORY           goes on: its first rows are the set's
  FLAG              also where FLAG_ROW is set, or where the weight is 0, negative or not finite
  WEIGHT_SPECTRUM   0 where it was negative or not finite

  ms_roundtrip.py PROGRAM MS [MS ...] [--keep DIR]
Needs numpy, python-casacore. A line per set; exit 1 where one differs."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import casacore.tables as ct
import numpy as np

import ms_copies

AT_ONCE = 4096  # rows of a column that are compared at once


def same(a, b):
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and (np.array_equal(a, b, equal_nan=True) if a.dtype.kind in "fc" else np.array_equal(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, float) and isinstance(b, float):
        return a == b or a != a and b != b
    return type(a) is type(b) and a == b


def rows_of(table, column, first, n):
    """Some cells: an array where they are of one shape, else a list; None for those that are empty."""
    scalar = not table.getcoldesc(column).get("ndim")
    if scalar or all(table.iscelldefined(column, r) for r in range(first, first + n)):
        try:
            return table.getcol(column, first, n)
        except RuntimeError:
            pass
    return [table.getcell(column, r) if table.iscelldefined(column, r) else None for r in range(first, first + n)]


def unusable(weights):
    with np.errstate(invalid="ignore"):
        return ~(np.isfinite(weights) & (weights > 0))


def meant(column, table, first, n, a, b):
    """The number of values of a column of the main table that differ as documented; None where others do."""
    if column not in ("FLAG", "WEIGHT_SPECTRUM") or not isinstance(a, np.ndarray):
        return None
    if "WEIGHT_SPECTRUM" in table.colnames():
        bad = unusable(table.getcol("WEIGHT_SPECTRUM", first, n))
    else:
        bad = np.broadcast_to(unusable(table.getcol("WEIGHT", first, n))[:, None, :], a.shape)
    if column == "WEIGHT_SPECTRUM":
        expected = np.where(bad, 0, a).astype(a.dtype)
    else:
        expected = a | bad | table.getcol("FLAG_ROW", first, n)[:, None, None]
    return int((expected != a).sum()) if same(expected, b) else None


def compare_column(before, after, column, main):
    count = 0
    for first in range(0, before.nrows(), AT_ONCE):
        n = min(AT_ONCE, before.nrows() - first)
        a, b = rows_of(before, column, first, n), rows_of(after, column, first, n)
        if isinstance(a, list) and isinstance(b, list) and len(a) == len(b) and all(same(x, y) for x, y in zip(a, b)):
            continue
        if same(a, b):
            continue
        number = meant(column, before, first, n, a, b) if main else None
        if number is None:
            return None
        count += number
    return count


def compare_tables(before, after, name, problems, notes):
    a, b = ct.table(before, ack=False), ct.table(after, ack=False)
    label = name or "MAIN"
    if name == "HISTORY":
        if b.nrows() < a.nrows():
            problems.append("HISTORY is shorter")
        notes.append("HISTORY +%d" % (b.nrows() - a.nrows()))
    elif a.nrows() != b.nrows():
        problems.append("%s has %d rows instead of %d" % (label, b.nrows(), a.nrows()))
        return 0
    for column in a.colnames():
        if column not in b.colnames():
            problems.append("%s.%s is not there" % (label, column))
            continue
        keywords = [{k: v for k, v in t.getcolkeywords(column).items()} for t in (a, b)]
        if not same(*keywords):
            problems.append("%s.%s: keywords" % (label, column))
        count = compare_column(a, b, column, not name)
        if count is None:
            problems.append("%s.%s" % (label, column))
        elif count:
            notes.append("%s %d" % (column, count))
    for column in set(b.colnames()) - set(a.colnames()):
        problems.append("%s.%s is new" % (label, column))
    for key, value in a.getkeywords().items():
        table = isinstance(value, str) and value.startswith("Table: ")
        if not table and not same(value, b.getkeywords().get(key)):
            problems.append("%s: keyword %s" % (label, key))
    return len(a.colnames())


def subtables(path):
    with ct.table(path, ack=False) as t:
        named = [k for k, v in t.getkeywords().items() if isinstance(v, str) and v.startswith("Table: ")]
    return sorted(k for k in named if os.path.exists(os.path.join(path, k, "table.dat")))


def columns_asked(path):
    with ct.table(path, ack=False) as t:
        return ",".join(["DATA"] + [c for c in ("WEIGHT_SPECTRUM",) if c in t.colnames()])


def round_trip(program, path, work):
    out = os.path.join(work, "y.ms")
    with ct.table(path + "/FIELD", ack=False) as t:
        fields = ["--fields", "per-time"] if t.nrows() > 1 else []
    done = subprocess.run([program, "convert", path, "--ms", out, "--spw", "split", "--columns", columns_asked(path), "--quiet"] + fields,
                          capture_output=True, text=True)
    if done.returncode:
        return 0, 0, ["exit %d: %s" % (done.returncode, done.stderr.strip().splitlines()[-1:])], []
    problems, notes, n = [], [], 0
    tables = [""] + subtables(path)
    for name in tables:
        if not os.path.exists(os.path.join(out, name, "table.dat")):
            problems.append(name + " is not there")
            continue
        n += compare_tables(os.path.join(path, name), os.path.join(out, name), name, problems, notes)
    return len(tables), n, problems, notes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--keep")
    o = parser.parse_args()
    failed = 0
    for path in o.sets:
        path = os.path.abspath(path.rstrip("/"))
        for name, make in {**ms_copies.COPIES, **ms_copies.MORE_COPIES}.items():
            with tempfile.TemporaryDirectory(dir=o.keep) as work:
                copy = os.path.join(work, "x.ms")
                if make and make(path, copy) is False:
                    continue
                n_tables, n_columns, problems, notes = round_trip(o.program, copy if make else path, work)
                failed += bool(problems)
                print("%-36s %-18s %2d tables, %3d columns %s%s" % (
                    os.path.basename(path)[:36], name, n_tables, n_columns, "DIFFER: " + "; ".join(problems) if problems else "equal",
                    " (" + ", ".join(notes) + ")" if notes else ""), flush=True)
    return failed > 0


sys.exit(main())
