// Pieces of gains from rank to rank: as words of 32 bits that are 0 where a rank has none, the only thing that ranks exchange.
#include "stages/solve/gains.hpp"

#include <cstring>

namespace nocturne {
namespace {

template<class T>
std::vector<T> merged(std::vector<T> const& mine, Exchange const& exchange)
{
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(float) == 0);
    std::vector<float> words(mine.size() * sizeof(T) / sizeof(float));
    std::memcpy(words.data(), mine.data(), mine.size() * sizeof(T));
    exchange.merge(words);
    std::vector<T> all(mine.size());
    std::memcpy(static_cast<void*>(all.data()), words.data(), all.size() * sizeof(T));
    return all;
}

}  // namespace

SharedGains::SharedGains(Index n_hands, Index n_antennas, Index n_columns)
    : n_hands_(n_hands),
      n_antennas_(n_antennas),
      n_columns_(n_columns),
      cells_(static_cast<std::size_t>(n_hands * n_antennas * n_columns)),
      solves_(static_cast<std::size_t>(n_hands * n_columns))
{}

void SharedGains::take(Gains const& piece, Index first)
{
    for (Index p = 0; p < n_hands_; ++p)
        for (Index c = 0; c < piece.n_columns; ++c) {
            auto const from = static_cast<std::size_t>(p * piece.n_columns + c);
            solves_[static_cast<std::size_t>(p * n_columns_ + first + c)] = {piece.result[from], piece.noise[from]};
            for (Index a = 0; a < n_antennas_; ++a) {
                auto const k = piece.at(p, a, c);
                cells_[static_cast<std::size_t>((p * n_antennas_ + a) * n_columns_ + first + c)] = {
                    piece.value[k], piece.amplitude_var[k], piece.phase_var[k], piece.residual[k], piece.flag[k]};
            }
        }
}

Gains SharedGains::join(Exchange const& exchange) const
{
    Gains all;
    all.n_hands = n_hands_;
    all.n_antennas = n_antennas_;
    all.n_columns = n_columns_;
    all.value.reserve(cells_.size());
    all.amplitude_var.reserve(cells_.size());
    all.phase_var.reserve(cells_.size());
    all.residual.reserve(cells_.size());
    all.flag.reserve(cells_.size());
    for (auto const& cell : merged(cells_, exchange)) {
        all.value.push_back(cell.value);
        all.amplitude_var.push_back(cell.amplitude_var);
        all.phase_var.push_back(cell.phase_var);
        all.residual.push_back(cell.residual);
        all.flag.push_back(static_cast<std::uint8_t>(cell.flag));
    }
    for (auto const& solve : merged(solves_, exchange)) {
        all.result.push_back(solve.result);
        all.noise.push_back(solve.noise);
    }
    return all;
}

}  // namespace nocturne
