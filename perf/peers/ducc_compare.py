#!/usr/bin/env python3
"""The complete dirty image of a full group, and its prediction, beside ducc0's: the same uvw, frequencies, visibilities and image,
one thread, in turn.

ducc_compare.py BENCH [--dir DIR] [--imsize 4096] [--cell 3] [--epsilon 1e-4] [--antennas 96] [--rounds 5] [--raw] [--json]

BENCH is the program bench_wgridder; DIR takes the group that it lays down (about 0.8 GB, kept for the next time). Prints
medians of wall and processor seconds and their ratios: of dirty image and prediction, everything included, and of gridding and
degridding proper (with --raw, where every channel is a point, those of points that do not compress). Needs numpy and ducc0."""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import numpy as np
import ducc0

TASKS = ("dirty", "predict")


def ours(options, directory=None):
    """Task → wall, processor and gridding seconds of the second of two: the first touches memory."""
    command = [options.bench, "--imsize", str(options.imsize), "--cell", str(options.cell), "--epsilon", str(options.epsilon),
               "--antennas", str(options.antennas), "--repeats", "2"]
    command += ["--raw"] if options.raw else []
    command += ["--export", directory] if directory else []
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = {}
    for task in TASKS:
        line = re.findall(r"^%s +.*" % task, text, re.M)[-1]
        wall, cpu = re.match(task + r" +([\d.]+) s, cpu ([\d.]+) s", line).groups()
        found[task] = (float(wall), float(cpu), float(re.search(r"grid ([\d.]+) \(", line).group(1)))
    return found


def load(directory):
    uvw = np.fromfile(os.path.join(directory, "uvw_m.f64")).reshape(-1, 3)
    freq = np.fromfile(os.path.join(directory, "freq_hz.f64"))
    vis = np.fromfile(os.path.join(directory, "vis.c64"), dtype=np.complex64).reshape(-1, freq.size)
    return uvw, freq, vis


def said_by(work):
    """What a library in C++ prints meanwhile."""
    sys.stdout.flush()
    kept = os.dup(1)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        try:
            result = work()
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        file.seek(0)
        return result, file.read().decode()


def theirs(options, uvw, freq, vis, image):
    """The same of ducc0; it says itself which share of its time the gridding proper took."""
    cell = np.radians(options.cell / 3600)
    common = dict(uvw=uvw, freq=freq, pixsize_x=cell, pixsize_y=cell, epsilon=options.epsilon, do_wgridding=True,
                  divide_by_n=False, nthreads=1, verbosity=1)
    calls = {"dirty": lambda: ducc0.wgridder.vis2dirty(vis=vis, npix_x=options.imsize, npix_y=options.imsize, **common),
             "predict": lambda: ducc0.wgridder.dirty2vis(dirty=image, **common)}
    found = {}
    for task in TASKS:
        wall, cpu = time.perf_counter(), time.process_time()
        result, text = said_by(calls[task])
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        proper = re.search(r"gridding proper[^%]*?([\d.]+)\s*%", text)
        found[task] = (wall, cpu, wall * float(proper.group(1)) / 100 if proper else float("nan"))
        image = result if task == "dirty" else image
    return found


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench")
    parser.add_argument("--dir")
    parser.add_argument("--imsize", type=int, default=4096)
    parser.add_argument("--cell", type=float, default=3)
    parser.add_argument("--epsilon", type=float, default=1e-4)
    parser.add_argument("--antennas", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--raw", action="store_true", help="our raw path: every channel is a point")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def table(options, rounds, n_vis):
    result = {"nvis": n_vis, "imsize": options.imsize, "cell_arcsec": options.cell, "epsilon": options.epsilon,
              "raw": options.raw, "rounds": options.rounds, "ducc0": ducc0.__version__}
    for task in TASKS:
        us, them = (np.median([one[k][task] for one in rounds], axis=0) for k in (0, 1))
        # Others on the machine slow both: of gridding proper wall seconds are all there is, taken from each one's share of its own.
        share = us[2] / us[0], them[2] / them[0]
        result[task] = {"nocturne_s": us[0], "nocturne_cpu_s": us[1], "ducc0_s": them[0], "ducc0_cpu_s": them[1],
                        "ratio": them[0] / us[0], "ratio_cpu": them[1] / us[1],
                        "gridding_ratio_cpu": share[1] * them[1] / (share[0] * us[1])}
    return result


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as scratch:
        directory = options.dir or scratch
        os.makedirs(directory, exist_ok=True)
        if not os.path.exists(os.path.join(directory, "vis.c64")):
            ours(options, directory)
        uvw, freq, vis = load(directory)
    image = np.zeros((options.imsize, options.imsize), np.float32)
    rounds = [(ours(options), theirs(options, uvw, freq, vis, image)) for _ in range(options.rounds)]
    result = table(options, rounds, int(vis.size))
    if options.json:
        print(json.dumps(result))
        return
    print("%.2f M visibilities, %d² × %g arcsec, epsilon %g, median of %d" %
          (vis.size * 1e-6, options.imsize, options.cell, options.epsilon, options.rounds))
    for task in TASKS:
        one = result[task]
        for name in ("nocturne", "ducc0"):
            print("%-8s %-9s %7.3f s wall, %7.3f s processor, %6.1f M vis/s" %
                  (task, name, one[name + "_s"], one[name + "_cpu_s"], vis.size / one[name + "_s"] * 1e-6))
        print("%-8s ratio     %.2f wall, %.2f processor; of gridding proper %.2f" %
              (task, one["ratio"], one["ratio_cpu"], one["gridding_ratio_cpu"]))


if __name__ == "__main__":
    main()
