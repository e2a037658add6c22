#!/usr/bin/env python3
"""One subband of a group in the storage layouts that writers of UVH5 use, for bench_layouts: a file per layout.

  make_layouts.py SUBBAND.hdf5 FOLDER
SUBBAND is a file that `nocturne simulate --noise` made. Needs numpy, h5py and hdf5plugin."""
import os
import sys

import h5py
import hdf5plugin
import numpy as np

SETS = ("visdata", "flags", "nsamples")
shape_of_chunk = lambda shape: (min(512, shape[0]), min(32, shape[1]), shape[2])
LAYOUTS = {
    "contiguous": {},
    "contiguous_complex128": {"complex128": True},
    "chunks_complex128": {"complex128": True, "chunked": True},
    "chunks": {"chunked": True},
    "gzip": {"chunked": True, "compression": "gzip", "compression_opts": 4},
    "gzip_shuffle": {"chunked": True, "compression": "gzip", "compression_opts": 4, "shuffle": True},
    "lzf": {"chunked": True, "compression": "lzf"},
    "lzf_shuffle": {"chunked": True, "compression": "lzf", "shuffle": True},
    "bitshuffle_lz4": {"chunked": True, **hdf5plugin.Bitshuffle(cname="lz4")},
    "int32_bitshuffle_lz4": {"chunked": True, "integers": True, **hdf5plugin.Bitshuffle(cname="lz4")},
    "complex128_gzip": {"chunked": True, "complex128": True, "compression": "gzip", "compression_opts": 4},
}


def stored(name, data, words):
    if name != "visdata":
        return data
    if words.get("complex128"):
        return data.astype(np.complex128)
    if words.get("integers"):
        pairs = np.zeros(data.shape, [("r", "<i4"), ("i", "<i4")])
        pairs["r"], pairs["i"] = np.round(data.real * 100), np.round(data.imag * 100)
        return pairs
    return data


source, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
for layout, words in LAYOUTS.items():
    path = os.path.join(folder, layout + ".uvh5")
    with h5py.File(source) as old, h5py.File(path, "w") as new:
        old.copy("Header", new)
        for name in SETS:
            data = old["Data/" + name][()]
            data = data.reshape(data.shape[0], data.shape[-2], data.shape[-1])
            options = {k: v for k, v in words.items() if k not in ("complex128", "chunked", "integers")}
            if words.get("chunked"):
                options["chunks"] = shape_of_chunk(data.shape)
            new.create_dataset("Data/" + name, data=stored(name, data, words), **options)
    print("%-24s %8.1f MB" % (layout, os.path.getsize(path) / 1e6))
