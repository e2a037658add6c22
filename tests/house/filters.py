"""Every --filter in docs/verification.md names tests that exist: each of its alternatives matches one."""
import re

import house

TEST = re.compile(r"^(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", re.M)
INSTANCE = re.compile(r"^INSTANTIATE_TEST_SUITE_P\(\s*(\w+),\s*(\w+),", re.M)
ADDED = re.compile(r"add_test\(NAME ([\w.]+)")
FILTER = re.compile(r"tests/run --filter (?:'([^']+)'|([^\s`;]+))")


def tests_of(top):
    names = set()
    for source in house.files(top, {".cpp"}, ("tests",)):
        text = house.text_of(source)
        instances = {}
        for prefix, suite in INSTANCE.findall(text):
            instances.setdefault(suite, []).append(prefix + "/")
        for suite, name in TEST.findall(text):
            names.update(f"{prefix}{suite}.{name}" for prefix in instances.get(suite, [""]))
    for lists in (top / "tests").rglob("CMakeLists.txt"):
        names.update(ADDED.findall(house.text_of(lists)))
    return names


def names_suite_or_test(alternative, name):
    """A word of the middle of some test's name says nothing."""
    match = re.search(alternative, name)
    return match and match.start() <= name.index(".") + 1


def main():
    top = house.source_dir()
    names = tests_of(top)
    problems, filters = [], 0
    for number, line in enumerate(house.text_of(top / "docs/verification.md").splitlines(), 1):
        for quoted, plain in FILTER.findall(line):
            filters += 1
            for alternative in re.split(r"\\?\|", quoted or plain):
                if not any(names_suite_or_test(alternative, name) for name in names):
                    problems.append(f"docs/verification.md:{number}: no test is called '{alternative}'")
    house.finish(problems, filters, "filters")


if __name__ == "__main__":
    main()
