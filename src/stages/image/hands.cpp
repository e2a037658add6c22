#include "stages/image/hands.hpp"

#include <algorithm>

namespace nocturne {

Hands find_hands(std::vector<Correlation> const& correlations)
{
    auto const index = [&](Correlation wanted) {
        auto const found = std::find(correlations.begin(), correlations.end(), wanted);
        return found == correlations.end() ? -1 : static_cast<int>(found - correlations.begin());
    };
    if (int const at = index(Correlation::I); at >= 0) return {at, -1, "I"};
    struct Pair {
        Correlation a, b;
        const char *name_a, *name_b;
    };
    for (auto const& [code_a, code_b, name_a, name_b] :
         {Pair{Correlation::XX, Correlation::YY, "XX", "YY"}, Pair{Correlation::RR, Correlation::LL, "RR", "LL"}}) {
        int const a = index(code_a), b = index(code_b);
        if (a >= 0 && b >= 0) return {a, b, "I"};
        if (a >= 0) return {a, -1, name_a};
        if (b >= 0) return {b, -1, name_b};
    }
    throw Error(Code::bad_input, "nothing to image", "the files hold neither a parallel hand nor Stokes I",
                "give files with XX, YY, RR, LL or I");
}

}  // namespace nocturne
