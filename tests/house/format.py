"""Every source file is as clang-format 14 writes it (another version formats otherwise, so none stands in for it)."""
import shutil
import subprocess

import house


def formatter():
    for name in ("clang-format-14", "clang-format"):
        program = shutil.which(name)
        if program and "version 14." in subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout:
            return program
    return None


def main():
    top = house.source_dir()
    program = formatter()
    if not program:
        house.skip("clang-format 14 is not here (package clang-format-14)")
    problems, sources = [], house.files(top, house.CODE)
    for path in sources:
        formatted = subprocess.run([program, "--style=file", str(path)], capture_output=True, text=True, check=True, cwd=top)
        if formatted.stdout != house.text_of(path):
            problems.append(f"{path.relative_to(top)}: run {program} -i {path.relative_to(top)}")
    house.finish(problems, len(sources), "format")


if __name__ == "__main__":
    main()
