"""The top level is fixed, and the size of files follows the style: 400 lines at most, median under 120, nine in ten under 250."""
import statistics
import subprocess

import house

TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "src", "kernels", "include", "jobs", "slurm", "tests", "perf", "docs", "README.md"}
MOST, MEDIAN, NINE_IN_TEN = 400, 120, 250


def names_at_top(top):
    listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(top), "ls-tree", "--name-only", "HEAD"],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return listed.stdout.split("\n")
    return [p.name for p in top.iterdir() if not p.name.startswith("build")]


def main():
    top = house.source_dir()
    names = [n for n in names_at_top(top) if n and not n.startswith(".")]
    problems = [f"{name}: the top level is {' '.join(sorted(TOP_LEVEL))} and dot files" for name in names if name not in TOP_LEVEL]
    sizes = {p: len(house.text_of(p).splitlines()) for p in house.files(top, house.CODE | {".py", ".cmake", ".sh"})}
    problems += [f"{p.relative_to(top)}: {n} lines, {MOST} are the most" for p, n in sizes.items() if n > MOST]
    median = statistics.median(sizes.values())
    large = sum(n >= NINE_IN_TEN for n in sizes.values()) / len(sizes)
    print(f"median {median:.0f} lines, {100 * large:.1f} % of files have {NINE_IN_TEN} or more")
    if median >= MEDIAN:
        problems.append(f"the median file has {median:.0f} lines, under {MEDIAN} is the style")
    if large > 0.1:
        problems.append(f"{100 * large:.1f} % of the files have {NINE_IN_TEN} lines or more, 10 % are the most")
    house.finish(problems, len(sizes) + len(names), "layout")


if __name__ == "__main__":
    main()
