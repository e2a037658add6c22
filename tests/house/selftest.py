"""The layout tests find what they are there to find: each is run on a small tree with one wrong thing in it."""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LONG_FUNCTION = "int f(int a)\n{\n" + "    ++a;\n" * 60 + "    return a;\n}\n"
LAMBDA = "struct V { int (*f)(int); };\nV const v{[](int a) {\n" + "    ++a;\n" * 60 + "    return a;\n}};\n"
UNNAMED = "namespace {\n"
GOOD = {
    "README.md": "words\n",
    "CMakeLists.txt": "",
    "src/io/a.cpp": '#include "io/a.hpp"\n#include <hdf5.h>\n#include <vector>\n',
    "src/stages/s.cpp": "StageRegistrar const here;\n",
    "tests/unit/stages/s_test.cpp": "TEST(Step, it_works)\n",
    "tests/CMakeLists.txt": "",
    "docs/verification.md": "`tests/run --filter Step`\n",
    "jobs/ok": "#!/usr/bin/env bash\necho\n",
    "src/io/s.hpp": "namespace n {\nstruct S;\nstruct S {\n};\n}\n",
    "src/db/t.hpp": "namespace n {\nstruct S;\n}\n",
    "src/io/u.cpp": UNNAMED + "struct T {\n};\nusing Json = one;\nint f(S const& s)\n}  // namespace\n",
    "src/io/v.cpp": UNNAMED + "using Json = one;\nint C::f(S const& s)\n}  // namespace\n",
    "src/cli/b.cpp": "namespace n {\nclass C {\n    int f() { return 1; }\n};\n}\n",
}
# Checker, file, content: each must be found.
BAD = (
    ("includes", "src/io/b.cpp", '#include "db/x.hpp"\n'),
    ("includes", "src/qa/b.cpp", "#include <fitsio.h>\n"),
    ("includes", "kernels/b.hpp", '#include "kernels/cuda/check.cuh"\n'),
    ("includes", "tests/oracle/b.hpp", '#include "kernels/b.hpp"\n'),
    ("includes", "src/stages/b.cpp", "#include <mpi.h>\n"),
    ("includes", "include/nocturne/b.hpp", "#include <boost/any.hpp>\n"),
    ("includes", "src/io/c.cpp", '#include "../db/x.hpp"\n'),
    ("sisters", "kernels/k.hpp", "void launch(int);\nvoid check(int);\n"),
    ("sisters", "kernels/cuda/k.cu", "void launch(CudaDevice const&);\n"),
    ("sisters", "src/stages/t.cpp", "StageRegistrar const here;\n"),
    ("layout", "lib/x.cpp", "\n"),
    ("layout", "src/io/long.cpp", "\n" * 401),
    ("lengths", "src/io/long.cpp", LONG_FUNCTION),
    ("lengths", "src/io/inside.cpp", "namespace n {\nstruct S {\n" + LONG_FUNCTION + "};\n}\n"),
    ("lengths", "src/cli/lambda.cpp", LAMBDA),
    ("words", "src/io/b.cpp", "// TO" + "DO: later\n"),
    ("words", "docs/a.md", "see /ho" + "me/someone/x\n"),
    ("words", "src/io/b.cpp", "try {} catch (...) {}\n"),
    ("words", "tests/unit/b.cpp", "GTEST_" + "SKIP();\n"),
    ("unnamed", "src/io/b.cpp", UNNAMED + "struct T {\n};\n}  // namespace\n"),
    ("unnamed", "src/io/b.cpp", UNNAMED + "using Json = other;\n}  // namespace\n"),
    ("unnamed", "src/db/a.hpp", "namespace n {\nstruct S { int i; };\n}\n"),
    ("filters", "docs/verification.md", "`tests/run --filter 'Step\\|Stray'`\n"),
    ("filters", "docs/verification.md", "`tests/run --filter works`\n"),
    ("scripts", "jobs/bad", "#!/usr/bin/env bash\nif true; then\n"),
)


def verdict_of(checker, tree):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in tree.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            if content.startswith("#!"):
                os.chmod(path, 0o755)
        run = subprocess.run([sys.executable, "-B", str(HERE / f"{checker}.py"), folder], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def main():
    failures = 0
    for checker in sorted({c for c, _, _ in BAD}):
        code, said = verdict_of(checker, GOOD)
        if code != 0:
            failures += 1
            print(f"{checker} rejects a good tree:\n{said}")
    for checker, name, content in BAD:
        code, said = verdict_of(checker, {**GOOD, name: content})
        if code != 1 or name not in said and name.split("/")[0] not in said:
            failures += 1
            print(f"{checker} does not find what is wrong with {name} (exit {code}):\n{said}")
    print(f"{len(BAD)} wrong trees, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
