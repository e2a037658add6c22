"""Every bash script parses, is executable where it is a program, and shellcheck has nothing to say."""
import os
import shutil
import subprocess

import house


def scripts_of(top):
    candidates = house.files(top, rooms=("jobs", "slurm", "tests", "perf", "src/cmake", ".ci"))
    candidates += [p for p in (top / ".ci").glob("*") if p.is_file()]
    return [p for p in candidates if p.suffix in {"", ".sh", ".sbatch"} and house.text_of(p).startswith("#!")
            and "bash" in house.text_of(p).split("\n")[0]]


def main():
    top = house.source_dir()
    shellcheck = shutil.which("shellcheck")
    problems, scripts = [], scripts_of(top)
    for path in scripts:
        name = path.relative_to(top)
        parsed = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
        if parsed.returncode:
            problems.append(f"{name}: bash -n: {parsed.stderr.strip()}")
        if path.suffix == "" and not os.access(path, os.X_OK):
            problems.append(f"{name}: a program without its executable bit: chmod +x {name}")
        if shellcheck:
            checked = subprocess.run([shellcheck, "-x", "-f", "gcc", str(path)], capture_output=True, text=True, check=False, cwd=top)
            problems += checked.stdout.splitlines()
    if not shellcheck:
        print("shellcheck is not here (package shellcheck): only bash -n was run")
    house.finish(problems, len(scripts), "scripts")


if __name__ == "__main__":
    main()
