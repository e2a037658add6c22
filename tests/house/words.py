"""No words that promise more than the code does, no paths of one machine, no bare catch, no test that skips without a reason."""
import re

import house

# Put together, so that this file does not find itself.
PROMISES = "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "for " + "now", "not " + "implemented", "place" + "holder",
                     "stu" + r"bs?"])
RULES = (
    (re.compile(rf"\b({PROMISES})\b"), house.CODE | {".py", ".sh", ".cmake", ".txt", ".yaml", ".sbatch", ""},
     "says that something is unfinished: finish it or leave it out"),
    (re.compile("|".join(["/wo" + "rk/", "/ho" + r"me/\w", "/ro" + "ot/", "/opt/pe" + "ers", "/us" + "r/local/cuda"])), None,
     "a path of one machine: take it from the environment or an option"),
    (re.compile(r"catch\s*\(\s*\.\.\.\s*\)"), house.CODE, "a bare catch hides defects: catch Error or std::exception"),
    (re.compile(r"\bDISABLED" + "_"), house.CODE, "a disabled test: repair or remove it"),
)
SKIP = re.compile(r"GTEST_" + r"SKIP\(\)\s*(?P<reason><<)?")


def problems_of(name, suffix, text):
    for pattern, suffixes, advice in RULES:
        if suffixes is not None and suffix not in suffixes:
            continue
        for match in pattern.finditer(text):
            yield f"{name}:{house.line_of(text, match.start())}: '{match.group(0)}' {advice}"
    for match in SKIP.finditer(text):
        if not match.group("reason"):
            yield f"{name}:{house.line_of(text, match.start())}: a test that skips says why: << reason"


def main():
    top = house.source_dir()
    problems, checked = [], 0
    for path in house.files(top) + [top / "README.md", top / "CMakeLists.txt"]:
        if path.suffix in {".fits", ".png", ".hdf5", ".uvh5", ".npz", ".gz"} or not path.is_file():
            continue
        checked += 1
        problems += problems_of(str(path.relative_to(top)), path.suffix, house.text_of(path))
    house.finish(problems, checked, "words")


if __name__ == "__main__":
    main()
