#!/usr/bin/env python3
"""The complete dirty image of a full group beside ducc0's: the same uvw, frequencies and visibilities, one thread, in turn.

ducc_compare.py BENCH [--dir DIR] [--imsize 4096] [--cell 3] [--epsilon 1e-4] [--rounds 5] [--raw] [--json]

BENCH is the program bench_wgridder; DIR takes the group that it lays down (about 0.8 GB, kept for the next time). Prints
medians of wall and processor seconds and their ratio. Needs numpy and ducc0."""
import argparse
import json
import os
import re
import subprocess
import tempfile
import time

import numpy as np
import ducc0


def ours(options, directory=None):
    """Wall and processor seconds of the second of two images: the first touches memory."""
    command = [options.bench, "--imsize", str(options.imsize), "--cell", str(options.cell), "--epsilon", str(options.epsilon),
               "--repeats", "2"]
    command += ["--raw"] if options.raw else []
    command += ["--export", directory] if directory else []
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = re.findall(r"^dirty +([\d.]+) s, cpu ([\d.]+) s", text, re.M)
    return tuple(map(float, lines[-1]))


def load(directory):
    uvw = np.fromfile(os.path.join(directory, "uvw_m.f64")).reshape(-1, 3)
    freq = np.fromfile(os.path.join(directory, "freq_hz.f64"))
    vis = np.fromfile(os.path.join(directory, "vis.c64"), dtype=np.complex64).reshape(-1, freq.size)
    return uvw, freq, vis


def theirs(options, uvw, freq, vis):
    cell = np.radians(options.cell / 3600)
    wall, cpu = time.perf_counter(), time.process_time()
    ducc0.wgridder.vis2dirty(uvw=uvw, freq=freq, vis=vis, npix_x=options.imsize, npix_y=options.imsize, pixsize_x=cell,
                             pixsize_y=cell, epsilon=options.epsilon, do_wgridding=True, divide_by_n=False, nthreads=1)
    return time.perf_counter() - wall, time.process_time() - cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench")
    parser.add_argument("--dir")
    parser.add_argument("--imsize", type=int, default=4096)
    parser.add_argument("--cell", type=float, default=3)
    parser.add_argument("--epsilon", type=float, default=1e-4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--raw", action="store_true", help="our raw path: every channel is a point")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        directory = options.dir or scratch
        os.makedirs(directory, exist_ok=True)
        if not os.path.exists(os.path.join(directory, "vis.c64")):
            ours(options, directory)
        uvw, freq, vis = load(directory)
    times = [(ours(options), theirs(options, uvw, freq, vis)) for _ in range(options.rounds)]
    median = np.median(np.array(times), axis=0)
    result = {"nvis": int(vis.size), "nocturne_s": median[0, 0], "nocturne_cpu_s": median[0, 1], "ducc0_s": median[1, 0],
              "ducc0_cpu_s": median[1, 1], "ratio": median[1, 0] / median[0, 0], "ratio_cpu": median[1, 1] / median[0, 1]}
    if options.json:
        print(json.dumps(result))
        return
    print("%.2f M visibilities, %d² × %g arcsec, epsilon %g, median of %d" % (vis.size * 1e-6, options.imsize, options.cell,
                                                                          options.epsilon, options.rounds))
    for name in ("nocturne", "ducc0"):
        print("%-9s %.3f s wall, %.3f s processor, %.1f M vis/s" % (name, result[name + "_s"], result[name + "_cpu_s"],
                                                                 vis.size / result[name + "_s"] * 1e-6))
    print("ratio     %.2f wall, %.2f processor" % (result["ratio"], result["ratio_cpu"]))


if __name__ == "__main__":
    main()
