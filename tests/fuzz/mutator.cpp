// Enters: bytes. Leaves: damaged bytes.
#include "tests/fuzz/mutator.hpp"

#include <algorithm>

namespace nocturne::test {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 0x1234567) {}
    std::uint64_t next()
    {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    std::size_t below(std::size_t n) { return n == 0 ? 0 : next() % n; }

private:
    std::uint64_t state_;
};

class Damage {
public:
    Damage(Seed const& seed, std::uint64_t number) : seed_(seed), random_(number), bytes_(seed.bytes) {}

    std::string make()
    {
        std::size_t const times = 1 + random_.below(8);
        for (std::size_t i = 0; i < times && !bytes_.empty(); ++i) hurt();
        return std::move(bytes_);
    }

private:
    std::size_t place()
    {
        bool const structure = random_.below(4) != 0;
        auto const at =
            structure ? seed_.structure[random_.below(seed_.structure.size())] : random_.below(bytes_.size());
        return std::min<std::size_t>(at, bytes_.size() - 1);
    }
    std::size_t length(std::size_t at) { return std::min(1 + random_.below(512), bytes_.size() - at); }

    void set_field()
    {
        static constexpr std::uint64_t extremes[] = {0,
                                                     1,
                                                     0x7f,
                                                     0x80,
                                                     0xff,
                                                     0x7fff,
                                                     0xffff,
                                                     0x7fffffff,
                                                     0x80000000,
                                                     0xffffffff,
                                                     0x7fffffffffffffff,
                                                     0x8000000000000000,
                                                     ~0ULL};
        auto const value = extremes[random_.below(std::size(extremes))];
        std::size_t const at = place(),
                          n = std::min<std::size_t>(std::size_t(1) << random_.below(4), bytes_.size() - at);
        for (std::size_t i = 0; i < n; ++i) bytes_[at + i] = static_cast<char>(value >> (8 * i));
    }

    void hurt()
    {
        std::size_t const kind = random_.below(20), at = place();
        if (kind < 6) {
            bytes_[at] = static_cast<char>(bytes_[at] ^ 1 << random_.below(8));
        } else if (kind < 10) {
            bytes_[at] = static_cast<char>(random_.next());
        } else if (kind < 14) {
            set_field();
        } else if (kind < 16) {
            std::size_t const other = place(), n = std::min(length(at), length(other));
            std::swap_ranges(&bytes_[at], &bytes_[at] + std::min(n, at > other ? at - other : other - at),
                             &bytes_[other]);
        } else if (kind == 16) {
            bytes_.insert(at, bytes_.substr(at, length(at)));
        } else if (kind == 17) {
            bytes_.erase(at, length(at));
        } else if (kind == 18) {
            std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), length(at), '\0');
        } else {
            bytes_.resize(random_.below(2) ? at
                                           : bytes_.size() - std::min<std::size_t>(random_.below(64), bytes_.size()));
        }
    }

    Seed const& seed_;
    Random random_;
    std::string bytes_;
};

}  // namespace

std::string mutant_of(Seed const& seed, std::uint64_t number) { return Damage(seed, number).make(); }

}  // namespace nocturne::test
