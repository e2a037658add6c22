#!/usr/bin/env python3
"""Makes vla_calibrators.csv from the VLA calibrator manual (its text form, vlacalibrators.txt): position of equinox J2000
and flux density at 20 cm. Sources without a 20 cm flux are left out.

    make_vla_calibrators.py vlacalibrators.txt > vla_calibrators.csv
"""
import re
import sys

POSITION = re.compile(
    r"^(\d{4}[+-]\d{2,3})\s+J2000\s+\S\s+(\d+)h(\d+)m([\d.]+)s\s+([+-]?)(\d+)d(\d+)'([\d.]+)\"(.*)$")
FLUX = re.compile(r"^\s*20cm\s+L\s+(?:[PSWXC?]\s+){4}\s*([\d.]+)")


def degrees(match):
    """Right ascension and declination in degrees."""
    hours, minutes, seconds, sign, deg, arcmin, arcsec = match.groups()[1:8]
    ra = 15 * (int(hours) + int(minutes) / 60 + float(seconds) / 3600)
    dec = int(deg) + int(arcmin) / 60 + float(arcsec) / 3600
    return ra, -dec if sign == "-" else dec


def sources(lines):
    """name (3C number where there is one), IAU name, RA, Dec, flux."""
    now = None
    for line in lines:
        position = POSITION.match(line)
        if position:
            common = re.search(r"\b(3C\s?\d+(?:\.\d)?)\b", position[9])
            now = (common[1].replace(" ", "") if common else position[1], position[1], *degrees(position))
        flux = FLUX.match(line)
        if flux and now and float(flux[1]) > 0:
            yield (*now, float(flux[1]))
            now = None


def main():
    with open(sys.argv[1], encoding="latin-1") as text:
        rows = sorted(sources(text), key=lambda row: row[2])
    print("# VLA calibrator manual (NRAO): ICRS positions and flux densities at 20 cm; made by make_vla_calibrators.py")
    print("name,iau,ra_deg,dec_deg,flux_jy")
    for name, iau, ra, dec, flux in rows:
        print(f"{name},{iau},{ra:.9f},{dec:.9f},{flux:g}")


main()
