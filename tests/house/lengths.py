"""No function has more than 50 lines between its braces, these included. Counted are functions, methods and lambdas that do not
lie in another one; namespaces and classes are looked into."""
import re

import house

MOST = 50
TRANSPARENT = re.compile(r"\b(namespace|class|struct|union|enum)\b|\bextern\s*$")
CONTROL = re.compile(r"^\s*(if|for|while|switch|do|else|try|catch)\b")


def kind_of(header):
    """What a brace opens, told by the text since the last ; { or }."""
    if "(" in header and not CONTROL.search(header):
        return "function"
    if TRANSPARENT.search(header):
        return "scope"
    return "other"  # an initialiser


def without_directives(code):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), code, flags=re.M)


def functions_of(text):
    """Yields (name, first line, number of lines from { to }) of the outermost functions."""
    code = without_directives(house.without_comments(text))
    stack, header_start = [], 0
    for match in re.finditer(r"[{};]", code):
        mark, at = match.group(0), match.start()
        if mark == "{":
            header = code[header_start:at]
            stack.append((kind_of(header), header, at))
        elif mark == "}" and stack:
            kind, header, opened = stack.pop()
            if kind == "function" and not any(k == "function" for k, _, _ in stack):
                first = house.line_of(code, opened)
                yield " ".join(header.split())[-80:], first, house.line_of(code, at) - first + 1
        header_start = at + 1


def main():
    top = house.source_dir()
    problems, lengths = [], []
    for path in house.files(top, house.CODE):
        for name, line, length in functions_of(house.text_of(path)):
            lengths.append(length)
            if length > MOST:
                problems.append(f"{path.relative_to(top)}:{line}: {length} lines, {MOST} are the most: {name}")
    if lengths:
        print(f"longest {max(lengths)} lines")
    house.finish(problems, len(lengths), "functions")


if __name__ == "__main__":
    main()
