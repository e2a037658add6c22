// What the codes of correlations stand for. Enters: a Correlation. Leaves: its name, or its partner under an exchange of antennas.
#pragma once

#include "nocturne/vis.hpp"

#include <algorithm>
#include <vector>

namespace nocturne {

/// "XX", "RL", "I", …; "" for a code that there is none of.
constexpr char const* name(Correlation correlation)
{
    constexpr char const* stokes[] = {"", "I", "Q", "U", "V"};
    constexpr char const* products[] = {"", "RR", "LL", "RL", "LR", "XX", "YY", "XY", "YX"};
    int const code = static_cast<int>(correlation);
    if (code > 4 || code < -8) return "";
    return code > 0 ? stokes[code] : products[-code];
}

/// XY and YX, RL and LR change places where antennas do; all others stay.
constexpr Correlation antennas_exchanged(Correlation correlation)
{
    switch (correlation) {
        case Correlation::XY:
            return Correlation::YX;
        case Correlation::YX:
            return Correlation::XY;
        case Correlation::RL:
            return Correlation::LR;
        case Correlation::LR:
            return Correlation::RL;
        default:
            return correlation;
    }
}

/// Feeds of the two antennas of a row: 0 is X or R, 1 is Y or L; −1 in Stokes parameters.
struct Feeds {
    int one = -1, two = -1;
};
constexpr Feeds feeds_of(Correlation correlation)
{
    int const code = -static_cast<int>(correlation);
    if (code < 1 || code > 8) return {};
    constexpr Feeds products[] = {{0, 0}, {1, 1}, {0, 1}, {1, 0}};  // RR, LL, RL, LR; XX, YY, XY, YX
    return products[(code - 1) % 4];
}

/// Rows that stand as (ant2, ant1) in a file; of none, `all` is as good as `none`.
enum class TurnedRows { none, some, all };

/// The place of a correlation in a list; −1 where it is not there.
inline int place_of(Correlation correlation, std::vector<Correlation> const& list)
{
    auto const found = std::find(list.begin(), list.end(), correlation);
    return found == list.end() ? -1 : static_cast<int>(found - list.begin());
}

/// Every correlation that rows hold once all of them are (ant1, ant2): those of the file in its order, and behind them the
/// partners that turned rows have and the file does not name. Where all rows are turned, a correlation without a partner is
/// its partner instead.
inline std::vector<Correlation> hands_of_rows(std::vector<Correlation> const& stored, TurnedRows turned)
{
    auto hands = stored;
    for (std::size_t p = 0; turned != TurnedRows::none && p < stored.size(); ++p) {
        auto const partner = antennas_exchanged(stored[p]);
        if (place_of(partner, stored) >= 0) continue;
        if (turned == TurnedRows::all)
            hands[p] = partner;
        else
            hands.push_back(partner);
    }
    return hands;
}

}  // namespace nocturne
