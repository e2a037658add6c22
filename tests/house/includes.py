"""Nothing includes against the arrows of docs/architecture.md, and each library stands in its own room only."""
import re

import house

# Room → what it may include, by the first folder of "folder/x.hpp".
ROOMS = {
    "include/nocturne": {"nocturne"},
    "kernels": {"nocturne", "kernels"},
    "src/io": {"nocturne", "io"},
    "src/sky": {"nocturne", "sky"},
    "src/db": {"nocturne", "db"},
    "src/qa": {"nocturne", "qa"},
    "src/stages": {"nocturne", "kernels", "sky", "stages"},
    "src/driver": {"nocturne", "kernels", "sky", "stages", "io", "db", "qa", "driver"},
    "src/cli": {"nocturne", "kernels", "sky", "stages", "io", "db", "qa", "driver", "cli"},
    "tests/oracle": {"tests"},  # shares nothing with the body it judges
}
# Header → the folders that may include it. Tests may include what they like, but for the oracles.
LIBRARIES = {
    r"(hdf5|H5\w+)\.h|casacore/.*|fitsio2?\.h|wcslib/.*|wcs\w*\.h|png\.h|zlib\.h|blosc\.h|lz4\.h|zstd\.h": ["src/io"],
    r"erfa\w*\.h": ["src/sky", "src/io"],  # io: the frames in which files state directions
    r"soci/.*|libpq-fe\.h": ["src/db"],
    r"sqlite3\.h": ["src/db", "src/sky"],
    r"expat\.h": ["src/io"],
    r"xxhash\.h": ["src/io", "src/db", "src/driver"],
    r"yaml-cpp/.*": ["src/driver", "src/sky"],
    r"mpi(-ext)?\.h": ["src/driver"],
    r"CLI/.*|CLI11\.hpp": ["src/cli/app.cpp", "src/cli/program.cpp"],  # slow to compile, so verbs go through App
    r"spdlog/.*": ["src/driver", "src/cli"],
    r"nlohmann/.*": ["src/io", "src/db", "src/qa", "src/driver", "src/cli"],
    r"Kokkos_.*|fftw3\.h|hwy/.*": ["kernels/kokkos"],
    r"cuda\w*(\.h|/.*)|cufft\w*\.h|thrust/.*|cub/.*|cooperative_groups.*": ["kernels/cuda"],
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.M)
STANDARD = re.compile(r"[a-z_0-9]+|(?:sys/|linux/)?[a-z_0-9]+\.h")


def room_of(path):
    """The room of a path, or None for tests and benchmarks, which may include everything."""
    return next((room for room in ROOMS if path.startswith(room + "/")), None)


def library_problem(path, header):
    for pattern, rooms in LIBRARIES.items():
        if re.fullmatch(pattern, header):
            if any(path == room or path.startswith(room + "/") for room in rooms):
                return None
            return f"<{header}> belongs to {' and '.join(rooms)}: go through an interface of that room"
    if not STANDARD.fullmatch(header):
        return f"<{header}> is a library that no room owns: add it to tests/house/includes.py with its one room"
    if room_of(path) == "include/nocturne" and header.endswith(".h"):
        return f"<{header}>: the vocabulary knows the standard library only"
    return None


def problem_of(path, quoted, angled):
    room = room_of(path)
    if angled:
        return library_problem(path, angled) if room else None
    if path.startswith("tests/") and "/" not in quoted and room is None:
        return None  # a helper beside the test
    if ".." in quoted or "/" not in quoted:
        return f'"{quoted}": write it from its room, for example "io/x.hpp"'
    if room and quoted.split("/")[0] not in ROOMS[room]:
        allowed = ", ".join(sorted(ROOMS[room]))
        return f'"{quoted}": {room} may include {allowed} only'
    if room == "kernels" and not path.startswith(("kernels/cuda/", "kernels/kokkos/")):
        if quoted.startswith(("kernels/cuda/", "kernels/kokkos/")):
            return f'"{quoted}": a body knows no back end'
    return None


def main():
    top = house.source_dir()
    problems, checked = [], 0
    for path in house.files(top, house.CODE):
        name = str(path.relative_to(top))
        text = house.text_of(path)
        for match in INCLUDE.finditer(text):
            checked += 1
            problem = problem_of(name, match.group(1), match.group(2))
            if problem:
                problems.append(f"{name}:{house.line_of(text, match.start())}: {problem}")
    house.finish(problems, checked, "includes")


if __name__ == "__main__":
    main()
