#!/usr/bin/env python3
"""Makes vla_calibrators.csv from the VLA calibrator manual (its text form, vlacalibrators.txt): position of equinox J2000,
flux density and spectral index at 1.4 GHz. Sources without a 20 cm flux are left out. The index is the slope of
log S over log f between 90 cm and 6 cm, of what there is of them and 20 cm; 0 where there is 20 cm alone. Standards have
flux and index of Perley & Butler 2017 (ApJS 230, 7, table 6).

    make_vla_calibrators.py vlacalibrators.txt > vla_calibrators.csv
"""
import math
import re
import sys

POSITION = re.compile(
    r"^(\d{4}[+-]\d{2,3})\s+J2000\s+\S\s+(\d+)h(\d+)m([\d.]+)s\s+([+-]?)(\d+)d(\d+)'([\d.]+)\"(.*)$")
FLUX = re.compile(r"^\s*(90|20|6)cm\s+[PLC]\s+(?:[PSWXC?]\s+){4}\s*([\d.]+)")
GHZ = {"90": 0.33, "20": 1.45, "6": 4.86}
# log10 S/Jy = sum of a_k (log10 f/GHz)^k
STANDARDS = {
    "0137+331": (1.3253, -0.7553, -0.1914, 0.0498),                       # 3C48
    "0437+296": (1.8017, -0.7884, -0.1035, -0.0248, 0.0090),              # 3C123
    "0521+166": (1.0088, -0.4981, -0.1552, -0.0102, 0.0223),              # 3C138
    "0542+498": (1.4516, -0.6961, -0.2007, 0.0640, -0.0464, 0.0289),      # 3C147
    "0813+482": (1.2872, -0.8530, -0.1534, -0.0200, 0.0201),              # 3C196
    "1331+305": (1.2481, -0.4507, -0.1798, 0.0357),                       # 3C286
    "1411+522": (1.4701, -0.7658, -0.2780, -0.0347, 0.0399),              # 3C295
}


def degrees(match):
    """Right ascension and declination in degrees."""
    hours, minutes, seconds, sign, deg, arcmin, arcsec = match.groups()[1:8]
    ra = 15 * (int(hours) + int(minutes) / 60 + float(seconds) / 3600)
    dec = int(deg) + int(arcmin) / 60 + float(arcsec) / 3600
    return ra, -dec if sign == "-" else dec


def at_1400(iau, flux):
    """Flux and spectral index of what the manual says per band."""
    x = math.log10(1.4)
    if iau in STANDARDS:
        a = STANDARDS[iau]
        return 10 ** sum(v * x ** k for k, v in enumerate(a)), sum(k * v * x ** (k - 1) for k, v in enumerate(a) if k)
    bands = sorted((GHZ[band], jy) for band, jy in flux.items() if jy > 0)
    (low, low_jy), (high, high_jy) = bands[0], bands[-1]
    spix = math.log(high_jy / low_jy) / math.log(high / low) if high > low else 0.0
    return flux["20"] * (1.4 / GHZ["20"]) ** spix, spix


def sources(lines):
    """name (3C number where there is one), IAU name, RA, Dec, flux, spectral index."""
    now, flux = None, {}
    for line in [*lines, "end J2000"]:
        position = POSITION.match(line)
        if position or line.startswith("end"):
            if now and flux.get("20", 0) > 0:
                yield (*now, *at_1400(now[1], flux))
            flux = {}
        if position:
            common = re.search(r"\b(3C\s?\d+(?:\.\d)?)\b", position[9])
            now = (common[1].replace(" ", "") if common else position[1], position[1], *degrees(position))
        band = FLUX.match(line)
        if band:
            flux.setdefault(band[1], float(band[2]))


def main():
    with open(sys.argv[1], encoding="latin-1") as text:
        rows = sorted(sources(text), key=lambda row: row[2])
    print("# VLA calibrator manual (NRAO): ICRS positions, flux densities and spectral indices at 1.4 GHz; made by make_vla_calibrators.py")
    print("name,iau,ra_deg,dec_deg,flux_jy,spix")
    for name, iau, ra, dec, flux, spix in rows:
        print(f"{name},{iau},{ra:.9f},{dec:.9f},{flux:.6g},{spix:.3f}")


main()
