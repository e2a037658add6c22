#include "stages/image/hands.hpp"

#include "nocturne/correlation.hpp"

namespace nocturne {
namespace {

/// Index −1: there is none.
Hands parallel_hands(std::vector<Correlation> const& correlations)
{
    using enum Correlation;
    if (int const at = place_of(I, correlations); at >= 0) return {at, -1, "I"};
    for (auto const& [first, second] : {std::pair{XX, YY}, std::pair{RR, LL}}) {
        int const a = place_of(first, correlations), b = place_of(second, correlations);
        if (a >= 0 && b >= 0) return {a, b, "I"};
        if (a >= 0) return {a, -1, name(first)};
        if (b >= 0) return {b, -1, name(second)};
    }
    return {-1, -1, ""};
}

std::string listed(std::vector<Correlation> const& correlations)
{
    std::string text;
    for (auto const correlation : correlations) text += (text.empty() ? "" : ", ") + std::string(name(correlation));
    return text;
}

}  // namespace

Hands find_parallel_hands(std::vector<Correlation> const& correlations)
{
    auto const hands = parallel_hands(correlations);
    if (hands.a < 0)
        throw Error(Code::bad_input, "no parallel hand", "the files hold " + listed(correlations),
                    "give files with XX, YY, RR, LL or I");
    return hands;
}

Hands find_hands(std::vector<Correlation> const& correlations)
{
    auto const hands = parallel_hands(correlations);
    if (hands.a >= 0) return hands;
    if (correlations.size() == 1) return {0, -1, name(correlations.front())};
    if (correlations.size() == 2 && antennas_exchanged(correlations[0]) == correlations[1])
        return {0, 1, name(correlations.front()), true};
    throw Error(
        Code::bad_input, "nothing to image",
        "the files hold " + listed(correlations) + ": neither a parallel hand nor Stokes I nor one polarization alone",
        "give files with XX, YY, RR, LL or I, or with one polarization");
}

Hands find_hands(std::vector<Correlation> const& correlations, std::string const& stokes)
{
    using enum Correlation;
    using enum StokesForm;
    if (stokes == "I") return find_hands(correlations);
    for (auto const alone : {Q, U, V})
        if (int const at = place_of(alone, correlations); at >= 0 && stokes == name(alone)) return {at, -1, stokes};
    struct Way {
        char const* stokes;
        Correlation a, b;
        StokesForm form;
    };
    for (auto const& way : {Way{"Q", XX, YY, half_difference}, Way{"U", XY, YX, mean}, Way{"V", XY, YX, turned},
                            Way{"Q", RL, LR, mean}, Way{"U", RL, LR, turned}, Way{"V", RR, LL, half_difference}}) {
        int const a = place_of(way.a, correlations), b = place_of(way.b, correlations);
        if (stokes == way.stokes && a >= 0 && b >= 0) return {a, b, stokes, false, way.form};
    }
    throw Error(
        Code::bad_input, "no image of Stokes " + stokes, "the files hold " + listed(correlations),
        "give files with both hands that it is made of: Q of XX and YY or RL and LR, U and V of XY and YX, V of "
        "RR and LL, U of RL and LR");
}

}  // namespace nocturne
