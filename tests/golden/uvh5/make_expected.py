#!/usr/bin/env python3
"""What pyuvdata reads from the golden files, as text that the tests parse: one header line, then samples.

  make_expected.py FILE.uvh5 [N]  >  FILE.txt

header: Ntimes Nbls Nfreqs Npols, first and last frequency (Hz, ascending), first time (JD)
sample: jd ant1_number ant2_number freq_hz polarization re im flag nsamples centre, with ant1 < ant2 (conjugate_bls); centre
        is the name of the row's phase centre without spaces
"""
import sys
import warnings

import hdf5plugin  # noqa: F401, its filters
import numpy as np
from pyuvdata import UVData

warnings.filterwarnings("ignore")
uv = UVData()
uv.read(sys.argv[1], file_type="uvh5", run_check=False, check_extra=False, run_check_acceptability=False,
        strict_uvw_antpos_check=False, fix_old_proj=False)
uv.conjugate_bls("ant1<ant2")
f = np.sort(uv.freq_array.ravel())
print(uv.Ntimes, uv.Nbls, uv.Nfreqs, uv.Npols, repr(float(f[0])), repr(float(f[-1])), repr(float(uv.time_array.min())))
rng = np.random.default_rng(1)
for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 300):
    r, c, p = rng.integers(uv.Nblts), rng.integers(uv.Nfreqs), rng.integers(uv.Npols)
    v = uv.data_array[r, c, p]
    print(repr(float(uv.time_array[r])), uv.ant_1_array[r], uv.ant_2_array[r], repr(float(uv.freq_array.ravel()[c])),
          uv.polarization_array[p], repr(float(v.real)), repr(float(v.imag)), int(uv.flag_array[r, c, p]),
          repr(float(uv.nsample_array[r, c, p])), uv.phase_center_catalog[uv.phase_center_id_array[r]]["cat_name"].replace(" ", "") or "-")
