#!/usr/bin/env python3
"""Gains of a calibrator with a bright source in a sidelobe of the primary beam: the sky is the shipped catalogue within 25 degrees, the instrument is perfect,
so the gains' distance from 1 is noise and what the model lacks. With the model's field bounded to 3 degrees, and unbounded.

  model_field.py PROGRAM [NAME …]"""
import csv
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np

ANTENNAS = 34
CATALOGUE = pathlib.Path(__file__).resolve().parents[2] / "jobs/catalogs/vla_calibrators.csv"


def unit(row):
    ra, dec = np.radians([float(row["ra_deg"]), float(row["dec_deg"])])
    return np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])


def sky_around(name):
    """Rows of the catalogue within 25 degrees of a calibrator, and its own."""
    with open(CATALOGUE) as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    calibrator = next(row for row in rows if name in (row["name"], row["iau"]))
    return calibrator, [row for row in rows if unit(row) @ unit(calibrator) > np.cos(np.radians(25))]


def gains(path):
    with h5py.File(path) as file:
        table = file["0"]
        gain = np.abs(table["gain"][:]).reshape(ANTENNAS, -1)
        return gain.mean(axis=1), np.sqrt((table["amplitude_error"][:].reshape(ANTENNAS, -1) ** 2).sum(axis=1)) / gain.shape[1]


def main():
    program, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:] or ["3C289", "1310+323", "0119+321"]
    for name in names:
        with tempfile.TemporaryDirectory() as top:
            def run(*words):
                subprocess.run([program, *words], cwd=top, check=True, stdout=subprocess.DEVNULL)

            calibrator, rows = sky_around(name)
            with open(top + "/sky.csv", "w") as file:
                file.write("name,ra_deg,dec_deg,flux_jy,spix\n")
                for row in rows:
                    file.write(f"{row['name'] or row['iau']},{row['ra_deg']},{row['dec_deg']},{row['flux_jy']},{row['spix']}\n")
            run("simulate", "--out", "group", "--antennas", str(ANTENNAS), "--integrations", "24", "--channels", "4", "--ra", calibrator["ra_deg"],
                "--dec", calibrator["dec_deg"], "--sources", "sky.csv", "--noise", "--quiet")
            for field in ("3", "auto"):
                run("solve", "group", "--out", "s.h5", "--types", "B", "--no-flag", "--model-field", field, "--quiet")
                mean, stated = gains(top + "/s.h5")
                print(f"{name}, field {field}: antennas' mean amplitudes off by {100 * np.sqrt(((mean - 1) ** 2).mean()):.2f} % rms, "
                      f"{100 * np.abs(mean - 1).max():.1f} % at most, {100 * (mean.mean() - 1):+.2f} % on average; "
                      f"stated {100 * np.sqrt((stated ** 2).mean()):.2f} %", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
