"""Registers and spills of every CUDA kernel of ours on sm_90 against perf/baselines/registers/<file>.json.

    registers.py SOURCE_DIR BUILD_DIR NVCC_VERSION [--update]

Enters: what ptxas said while the build compiled (OBJECT.resources, kept by src/cmake/keep_resource_usage). A spill that the
baseline does not have fails, more than a tenth more registers fails, a kernel without a baseline fails; --update writes the
baseline. Counts depend on the compiler, so another nvcc than the baseline's is named and skipped.
"""
import json
import pathlib
import re
import subprocess
import sys

import house

ARCHITECTURE = "sm_90"
GROWTH = 1.1
ENTRY = re.compile(
    r"Compiling entry function '(?P<name>\w+)' for '(?P<arch>\w+)'.*?(?P<stores>\d+) bytes spill stores, "
    r"(?P<loads>\d+) bytes spill loads.*?Used (?P<registers>\d+) registers", re.S)


def demangle(names):
    if not names:
        return []
    filtered = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True)
    return filtered.stdout.splitlines()


def usage_of(resources):
    """Kernel (its C++ name without the parameter list) → registers and spilled bytes; kernels of libraries are left out."""
    entries = [m for m in ENTRY.finditer(house.text_of(resources)) if m.group("arch") == ARCHITECTURE]
    usage = {}
    for entry, name in zip(entries, demangle([e.group("name") for e in entries])):
        name = re.sub(r"^void ", "", name)
        if name.startswith("nocturne::"):
            spilled = int(entry.group("stores")) + int(entry.group("loads"))
            key = re.sub(r"\((?!anonymous).*$", "", name)
            usage[key] = {"registers": int(entry.group("registers")), "spilled_bytes": spilled}
    return usage


def compare(source, usage, baseline):
    for kernel, now in sorted(usage.items()):
        before = baseline.get(kernel)
        if before is None:
            yield f"{source}: {kernel} has no baseline: run tests/house/registers.py with --update"
        elif now["spilled_bytes"] > before["spilled_bytes"]:
            yield f"{source}: {kernel} spills {now['spilled_bytes']} bytes, {before['spilled_bytes']} before"
        elif now["registers"] > GROWTH * before["registers"]:
            yield f"{source}: {kernel} uses {now['registers']} registers, {before['registers']} before"


def main():
    top, build, version = house.source_dir(), pathlib.Path(sys.argv[2]), sys.argv[3]
    compiler = "nvcc " + ".".join(version.split(".")[:2])
    problems, checked = [], 0
    for resources in sorted((build / "kernels/CMakeFiles/nocturne_kernels.dir/cuda").glob("*.cu.o.resources")):
        stem = resources.name[: -len(".cu.o.resources")]
        if not (top / "kernels/cuda" / f"{stem}.cu").is_file():
            continue
        usage = usage_of(resources)
        baseline_file = top / "perf/baselines/registers" / f"{stem}.json"
        if "--update" in sys.argv:
            if usage:
                baseline_file.parent.mkdir(parents=True, exist_ok=True)
                text = json.dumps({"compiler": compiler, "architecture": ARCHITECTURE, "kernels": usage}, indent=1, sort_keys=True)
                baseline_file.write_text(text + "\n", encoding="utf-8")
            continue
        baseline = json.loads(house.text_of(baseline_file)) if baseline_file.is_file() else {"compiler": compiler, "kernels": {}}
        if baseline["compiler"] != compiler:
            house.skip(f"the baseline is {baseline['compiler']}'s, this is {compiler}")
        checked += len(usage)
        problems += compare(f"kernels/cuda/{stem}.cu", usage, baseline["kernels"])
    if "--update" in sys.argv:
        sys.exit(0)
    if checked == 0:
        house.skip(f"this build has no {ARCHITECTURE} kernels")
    house.finish(problems, checked, "kernels")


if __name__ == "__main__":
    main()
