#!/usr/bin/env python3
"""Golden Measurement Sets and what python-casacore reads in them.

  make_golden.py CASA.ms LOFAR.MS OUT
CASA.ms: day2_TDEM0003_10s_norx_1src_1spw.ms of casacore's tests (CASA's own writing: VLA, UVW = r1 - r2, FIELD one of two
calibrators while UVW belong to the other). LOFAR.MS: tDDECal.in_MS of DP3's tests (UVW = r2 - r1, UVW scaled by nobody).
Of each some rows are copied (deep, with CASA's own storage managers), packed as OUT/NAME.tgz; OUT/NAME.txt holds one line
per sample looked at: time ant1 ant2 u v w channel correlation re im flag weight, each number as python prints it.
Needs python-casacore and numpy."""
import os
import shutil
import subprocess
import sys
import tempfile

import casacore.tables as ct
import numpy as np


def pack(source, query, name, out):
    with tempfile.TemporaryDirectory() as work:
        small = os.path.join(work, name + ".ms")
        whole = os.path.join(work, "whole.ms")
        shutil.copytree(source, whole)
        subprocess.run(["chmod", "-R", "u+w", whole], check=True)
        with ct.table(whole, ack=False, readonly=False) as ms:
            for keyword, value in ms.getkeywords().items():
                if str(value).startswith("Table: ") and (keyword.startswith(("sky", "QUALITY", "LOFAR"))):
                    ms.removekeyword(keyword)
            extra = [c for c in ms.colnames() if c.startswith(("LOFAR", "foursources"))]
            if extra:
                ms.removecols(extra)
            with ms.query(query) as some:
                some.copy(small, deep=True, valuecopy=True).close()
        with ct.table(small, ack=False) as ms, open(os.path.join(out, name + ".txt"), "w") as text:
            columns = {c: ms.getcol(c) for c in ("TIME", "ANTENNA1", "ANTENNA2", "UVW", "DATA", "FLAG", "WEIGHT_SPECTRUM")}
            rows, channels, correlations = columns["DATA"].shape
            for row in range(rows):
                channel, correlation = (7 * row) % channels, row % correlations
                v = columns["DATA"][row, channel, correlation]
                print(repr(float(columns["TIME"][row])), columns["ANTENNA1"][row], columns["ANTENNA2"][row],
                      *[repr(float(x)) for x in columns["UVW"][row]], channel, correlation, repr(float(v.real)),
                      repr(float(v.imag)), int(columns["FLAG"][row, channel, correlation]),
                      repr(float(columns["WEIGHT_SPECTRUM"][row, channel, correlation])), file=text)
        subprocess.run(["tar", "-C", work, "--sort=name", "--mtime=2010-04-26", "--owner=0", "--group=0", "-czf",
                        os.path.abspath(os.path.join(out, name + ".tgz")), name + ".ms"], check=True)


casa, lofar, out = sys.argv[1:]
pack(casa, "TIME < 4778968927 and ANTENNA1 <= 8 and ANTENNA2 <= 14", "casa", out)
pack(lofar, "ANTENNA1 < 4 and rownumber() <= 84", "lofar", out)
