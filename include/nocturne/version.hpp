// Which code this is: stands in `--version`, in provenance and in the key by which a finished group is recognised.
#pragma once

namespace nocturne {

/// "1.2.0" at the tag v1.2.0; "1.2.0-3-gabcdef0" three commits later; "0.1.0+gabcdef0" before the first tag; the suffix
/// "-dirty.<hash of the changes>" where the sources differ from the commit. "0.1.0+unknown" outside git and archives.
char const* code_version();

}  // namespace nocturne
