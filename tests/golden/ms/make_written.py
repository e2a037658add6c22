#!/usr/bin/env python3
"""What pyuvdata's write_ms makes of a golden UVH5 file whose data are phased, as text that a test compares with our own: cells
drawn at random from the table, with where each stands.

  make_written.py FILE.uvh5 [N]  >  FILE.txt

header: rows, channels, correlations, first and last frequency, corr types, number of fields
sample: time_s ant1 ant2 field_name ra dec channel corr_type re im flag weight_spectrum weight sigma u v w exposure scan"""
import sys
import tempfile
import warnings

import casacore.tables as ct
import numpy as np
from pyuvdata import UVData

warnings.filterwarnings("ignore")
uv = UVData()
uv.read(sys.argv[1], file_type="uvh5", run_check=False, check_extra=False, run_check_acceptability=False,
        strict_uvw_antpos_check=False)
uv.reorder_freqs(channel_order="freq", run_check=False)
with tempfile.TemporaryDirectory() as where:
    path = where + "/a.ms"
    uv.write_ms(path, run_check=False, check_extra=False, run_check_acceptability=False, strict_uvw_antpos_check=False)
    main, sub = ct.table(path, ack=False), lambda name: ct.table(path + "/" + name, ack=False)
    freq, types = sub("SPECTRAL_WINDOW").getcol("CHAN_FREQ")[0], sub("POLARIZATION").getcol("CORR_TYPE")[0]
    fields, directions = sub("FIELD").getcol("NAME"), sub("FIELD").getcol("PHASE_DIR")[:, 0, :]
    names = sub("ANTENNA").getcol("NAME")
    col = {c: main.getcol(c) for c in main.colnames() if c != "FLAG_CATEGORY"}
    print(main.nrows(), len(freq), len(types), repr(float(freq[0])), repr(float(freq[-1])), len(fields), *types)
    rng = np.random.default_rng(1)
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 200):
        r, c, p = rng.integers(main.nrows()), rng.integers(len(freq)), rng.integers(len(types))
        f, v = col["FIELD_ID"][r], col["DATA"][r, c, p]
        numbers = [directions[f][0], directions[f][1], c, types[p], v.real, v.imag, int(col["FLAG"][r, c, p]),
                   col["WEIGHT_SPECTRUM"][r, c, p], col["WEIGHT"][r, p], col["SIGMA"][r, p], *col["UVW"][r], col["EXPOSURE"][r],
                   col["SCAN_NUMBER"][r]]
        print(repr(float(col["TIME"][r])), names[col["ANTENNA1"][r]].replace(" ", ""), names[col["ANTENNA2"][r]].replace(" ", ""),
              fields[f].replace(" ", "") or "-", *[repr(float(x)) for x in numbers])
