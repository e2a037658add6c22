// Pieces of gains from rank to rank: as words of 32 bits that are 0 where a rank has none, the only thing that ranks exchange.
#include "stages/solve/gains.hpp"

#include <cstring>

namespace nocturne {
namespace {

template<class T>
constexpr std::size_t words_of = sizeof(T) / sizeof(float);

template<class T>
void put(std::vector<float>& words, std::size_t k, T const& value)
{
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(float) == 0);
    std::memcpy(&words[k * words_of<T>], &value, sizeof(T));
}

template<class T>
T get(std::vector<float> const& words, std::size_t k)
{
    T value;
    std::memcpy(static_cast<void*>(&value), &words[k * words_of<T>], sizeof(T));
    return value;
}

}  // namespace

SharedGains::SharedGains(Index n_hands, Index n_antennas, Index n_columns)
    : n_hands_(n_hands),
      n_antennas_(n_antennas),
      n_columns_(n_columns),
      cells_(static_cast<std::size_t>(n_hands * n_antennas * n_columns) * words_of<Cell>),
      solves_(static_cast<std::size_t>(n_hands * n_columns) * words_of<Solve>)
{}

void SharedGains::take(Gains const& piece, Index first)
{
    for (Index p = 0; p < n_hands_; ++p)
        for (Index c = 0; c < piece.n_columns; ++c) {
            auto const from = static_cast<std::size_t>(p * piece.n_columns + c);
            put(solves_, static_cast<std::size_t>(p * n_columns_ + first + c),
                Solve{piece.result[from], piece.noise[from], piece.left[from]});
            for (Index a = 0; a < n_antennas_; ++a) {
                auto const k = piece.at(p, a, c);
                put(cells_, static_cast<std::size_t>((p * n_antennas_ + a) * n_columns_ + first + c),
                    Cell{piece.value[k], piece.amplitude_var[k], piece.phase_var[k], piece.residual[k], piece.flag[k]});
            }
        }
}

Gains SharedGains::join(Exchange const& exchange)
{
    exchange.merge(cells_);
    exchange.merge(solves_);
    auto const n = static_cast<std::size_t>(n_hands_ * n_antennas_ * n_columns_);
    Gains all;
    all.n_hands = n_hands_;
    all.n_antennas = n_antennas_;
    all.n_columns = n_columns_;
    all.value.reserve(n);
    all.amplitude_var.reserve(n);
    all.phase_var.reserve(n);
    all.residual.reserve(n);
    all.flag.reserve(n);
    for (std::size_t k = 0; k < n; ++k) {
        auto const cell = get<Cell>(cells_, k);
        all.value.push_back(cell.value);
        all.amplitude_var.push_back(cell.amplitude_var);
        all.phase_var.push_back(cell.phase_var);
        all.residual.push_back(cell.residual);
        all.flag.push_back(static_cast<std::uint8_t>(cell.flag));
    }
    for (std::size_t k = 0; k < static_cast<std::size_t>(n_hands_ * n_columns_); ++k) {
        auto const solve = get<Solve>(solves_, k);
        all.result.push_back(solve.result);
        all.noise.push_back(solve.noise);
        all.left.push_back(solve.left);
    }
    return all;
}

}  // namespace nocturne
