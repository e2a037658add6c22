#!/usr/bin/env python3
"""Small files of dialects that a test without pyuvdata must read, and what pyuvdata reads from them: NAME.uvh5, NAME.txt.

  make_dialects.py     in this folder; from hera_zen.2458661.uvh5, by the makers of tests/peers/dialect_*.py"""
import argparse
import os
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "..", "peers"))
import dialect_centres  # noqa: E402, F401, makers
import dialect_files  # noqa: E402, F401, makers
import dialect_storage  # noqa: E402, F401, makers
import dialect_tools as dialects  # noqa: E402

NAMES = {"bitshuffle LZ4": "bitshuffle_lz4", "bitshuffle Zstandard": "bitshuffle_zstd", "LZ4": "lz4",
         "baseline-dependent averaging 1, 2, 4, 10": "averaged_by_baseline",
         "two spectral windows, the higher first": "two_windows", "one polarization a window": "polarization_a_window",
         "one centre a time": "centre_a_time", "two centres at the same time": "centres_at_one_time",
         "ephemeris of 7 entries": "ephemeris", "big-endian int32, LZF": "big_endian_lzf"}


def compress_header(path):
    """Rows say much the same again and again. Filters are kept in the format whose chunks are found without the library."""
    version = "earliest" if "z4" in path or "zstd" in path else "v110"
    with dialects.h5py.File(path) as old, dialects.h5py.File(path + ".small", "w", libver=(version, "v110")) as new:
        old.copy("Data", new)
        old.copy("Header", new)
        for name, item in old["Header"].items():
            if isinstance(item, dialects.h5py.Dataset) and item.size and item.size > 64:
                dialects.restored(new, "Header/" + name, compression="gzip", shuffle=True)
    os.replace(path + ".small", path)


with tempfile.TemporaryDirectory() as work:
    o = argparse.Namespace(base=os.path.join(work, "base.uvh5"))
    uv = dialects.UVData()
    uv.read(os.path.join(here, "hera_zen.2458661.uvh5"), file_type="uvh5", **dialects.LAX)
    uv.select(times=sorted(set(uv.time_array))[:12], run_check=False)
    uv.history, uv.extra_keywords = "made for tests", {}
    dialects.write(uv, o.base)
    for word, name in NAMES.items():
        path = os.path.join(here, name + ".uvh5")
        dialects.DIALECTS[word][0](o, path)
        compress_header(path)
        text = subprocess.run([sys.executable, os.path.join(here, "make_expected.py"), path, "120"], check=True, capture_output=True, text=True).stdout
        with open(os.path.join(here, name + ".txt"), "w") as f:
            f.write(text)
