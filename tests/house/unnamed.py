"""Sources that are compiled as one (nocturne_batched) say nothing twice in their unnamed namespaces, and no two headers give one name
to two types (the linker would take one for the other)."""
import collections
import re

import house

# One batch may hold any sources of such a folder. Kernels and the other tests are compiled one by one.
BATCHED = ("src/sky", "src/io", "src/db", "src/qa", "src/stages", "src/driver", "src/cli", "tests/integration")
BY_ITSELF = re.compile(r"#include <casacore/")  # another standard: never batched
ALIAS = re.compile(r"(?:using \w+ =|using enum|namespace \w+ =)")  # may be said again, in the same words
TYPE = re.compile(r"(?:struct|class|enum class|enum|union) (\w+)")
ENTITY = re.compile(r"[^(=;{]*?(?<!::)\b(\w+)\s*(?:\(|=|\{|;|\[)")
NOT_NAMES = {"namespace", "TEST", "TEST_F", "TEST_P", "INSTANTIATE_TEST_SUITE_P", "template", "requires"}


def unnamed(text):
    """(line number, name or the alias itself) of what stands at the level of an unnamed namespace."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line == "namespace {":
            inside = True
        elif line == "}  // namespace":
            inside = False
        elif inside and re.match(r"[A-Za-z\[]", line):
            if ALIAS.match(line):
                yield number, line.split("//")[0].strip()
                continue
            found = TYPE.match(line) or ENTITY.match(line)
            if found and found[1] not in NOT_NAMES:
                yield number, found[1]


def types_of(headers, top, problems):
    """Names of the types that headers define at the level of a namespace, and where."""
    types, spaces = {}, {}
    for path in headers:
        space = ""
        for number, line in enumerate(house.text_of(path).split("\n"), 1):
            if found := re.match(r"namespace ([\w:]+) \{", line):
                space = found[1]
            if found := re.match(r"(?:struct|class|enum class|enum) (?!alignas)(\w+)(?!::)(?:[^;]*$|.*\};$)", line):
                types[found[1]] = path
                first = spaces.setdefault((space, found[1]), path)
                if first != path:
                    problems.append(f"{path.relative_to(top)}:{number}: {found[1]} is a type of {first.relative_to(top)}, too: rename one")
    return types


def main():
    problems, checked = [], 0
    top = house.source_dir()
    headers = types_of(house.files(top, {".hpp"}, ("include", "kernels", "src")), top, problems)
    for folder in BATCHED:
        said = collections.defaultdict(list)
        for path in sorted((top / folder).rglob("*.cpp")):
            text = house.text_of(path)
            if not BY_ITSELF.search(text):
                for number, name in unnamed(text):
                    said[name].append((path, number))
        aliases = collections.defaultdict(set)
        for name, places in said.items():
            if ALIAS.match(name):
                aliases[name.split(" =")[0]].update({name})
            elif name in headers:
                path, number = places[0]
                problems.append(f"{path.relative_to(top)}:{number}: {name} is a type of {headers[name].relative_to(top)}: rename it")
            elif len({path for path, _ in places}) > 1:
                path, number = places[-1]
                problems.append(f"{path.relative_to(top)}:{number}: {name} is {places[0][0].name}'s, too: rename or share it")
        for name, texts in aliases.items():
            if len(texts) > 1:
                path, number = said[sorted(texts)[-1]][0]
                problems.append(f"{path.relative_to(top)}:{number}: {name} means something else in another source of its folder")
        checked += len(said)
    house.finish(problems, checked, "names")


if __name__ == "__main__":
    main()
