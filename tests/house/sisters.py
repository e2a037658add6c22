"""Every kernel and stage has its sisters, and no launch stands without its contract."""
import re

import house

KERNEL_SISTERS = ("kernels/cuda/{}.cu", "kernels/kokkos/{}.cpp", "tests/oracle/{}.hpp", "tests/conformance/{}_test.cpp",
                  "perf/bench/{}_bench.cpp")
LAUNCH_LINES = 80  # architecture.md, "Style"; tuned code stands beside the launch, in <back end>/<kernel>_*


def kernels_of(top):
    """A kernel is a header of kernels/ that declares launches."""
    headers = sorted((top / "kernels").glob("*.hpp"))
    return [h.stem for h in headers if re.search(r"\bvoid launch\(", house.without_comments(house.text_of(h)))]


def kernel_problems(top, kernel):
    for pattern in KERNEL_SISTERS:
        if not (top / pattern.format(kernel)).is_file():
            yield f"kernels/{kernel}.hpp: {pattern.format(kernel)} is missing"
    for pattern in KERNEL_SISTERS[:2]:
        launch = top / pattern.format(kernel)
        if launch.is_file() and len(house.text_of(launch).splitlines()) > LAUNCH_LINES:
            yield f"{pattern.format(kernel)}: a launch file of more than {LAUNCH_LINES} lines: move tuned code beside it"
    contract = house.text_of(top / "kernels" / f"{kernel}.hpp")
    if not re.search(r"\bcheck\(", contract):
        yield f"kernels/{kernel}.hpp: check(args) is missing"


def launch_problems(top, kernels):
    for launch in sorted([*(top / "kernels/cuda").glob("*.cu"), *(top / "kernels/kokkos").glob("*.cpp")]):
        defined = re.search(r"\bvoid launch\((?:Cuda|Kokkos)Device", house.text_of(launch))
        if defined and not any(launch.stem == k or launch.stem.startswith(k + "_") for k in kernels):
            yield f"{launch.relative_to(top)}: a launch without its contract kernels/{launch.stem}.hpp"


def stage_problems(top, stage):
    name = stage.stem if stage.parent.name == "stages" else stage.parent.name
    unit = top / "tests/unit/stages"
    if not any(unit.glob(f"{stage.stem}*_test.cpp")) and not any(unit.glob(f"{name}*_test.cpp")):
        yield f"{stage.relative_to(top)}: tests/unit/stages/{name}_test.cpp is missing"


def main():
    top = house.source_dir()
    kernels = kernels_of(top)
    stages = [s for s in house.files(top, {".cpp"}, ("src/stages",)) if re.search(r"\bStageRegistrar const\b", house.text_of(s))]
    problems = [p for kernel in kernels for p in kernel_problems(top, kernel)]
    problems += launch_problems(top, kernels)
    problems += [p for stage in stages for p in stage_problems(top, stage)]
    house.finish(problems, len(kernels) + len(stages), "kernels and stages")


if __name__ == "__main__":
    main()
