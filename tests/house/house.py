"""What the layout tests share: the files of the project, source without comments, and how a test ends.

Each test is a program: house.NAME.py SOURCE_DIR. It prints one line per violation, `path:line: what and what to do`,
and exits 1 where there is one. 77 means that the test cannot be done here and says why.
"""
import pathlib
import re
import sys

ROOMS = ("include", "kernels", "src", "tests", "perf", "jobs", "slurm", "docs")
CODE = {".hpp", ".cpp", ".cu", ".cuh", ".c", ".h"}
SKIPPED = 77


def source_dir():
    return pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()


def files(top, suffixes=None, rooms=ROOMS):
    """Every file of the rooms, sorted; without what editors, Python and builds leave."""
    found = []
    for room in rooms:
        for path in sorted((top / room).rglob("*")):
            parts = path.relative_to(top).parts
            if not path.is_file() or any(p.startswith((".", "build")) or p == "__pycache__" for p in parts):
                continue
            if suffixes is None or path.suffix in suffixes:
                found.append(path)
    return found


def text_of(path):
    return path.read_text(encoding="utf-8", errors="replace")


TOKENS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'""",
    re.S)


def without_comments(text):
    """Comments and the inside of literals become spaces; line breaks and columns stay."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    return TOKENS.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def finish(problems, checked, what):
    """Prints the verdict and exits."""
    for problem in problems:
        print(problem)
    print(f"{what}: {checked} checked, {len(problems)} wrong")
    if checked == 0:
        print(f"{what}: nothing was found to check")
    sys.exit(1 if problems or checked == 0 else 0)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)
