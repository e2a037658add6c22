// USR1, TERM and INT ask a run to stop: the group in work is finished or dropped at a block's border, then exit 75.
#pragma once

namespace nocturne {

/// Installs the handlers while it lives; the previous ones come back afterwards.
class StopSignal {
public:
    StopSignal();
    ~StopSignal();
    StopSignal(StopSignal const&) = delete;
    StopSignal& operator=(StopSignal const&) = delete;

    /// True from the first signal on.
    static bool requested();
};

}  // namespace nocturne
