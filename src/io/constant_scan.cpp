#include "io/constant_scan.hpp"

#include <algorithm>
#include <cstring>

namespace nocturne {

/// OR of the differences, without a branch a sample; rows of n samples, `stride` apart.
template<class T>
bool ConstantScan::all_equal(char const* data, Rectangle const& shape, char const* value)
{
    T wanted{}, difference{};
    std::memcpy(&wanted, value, sizeof wanted);
    for (Index r = 0; r < shape.rows; ++r, data += shape.stride * static_cast<Index>(sizeof(T)))
        for (Index i = 0; i < shape.n; ++i) {
            T sample{};
            std::memcpy(&sample, data + i * static_cast<Index>(sizeof sample), sizeof sample);
            difference |= sample ^ wanted;
        }
    return difference == 0;
}

void ConstantScan::run(Element element, char const* data, Rectangle const& shape)
{
    if (shape.rows <= 0 || shape.n <= 0 || !constant_) return;
    if (!any_) {
        std::memcpy(first_, data, static_cast<std::size_t>(element_bytes(element)));
        element_ = element;
        any_ = true;
    }
    switch (element_bytes(element)) {
        case 1:
            constant_ = all_equal<std::uint8_t>(data, shape, first_);
            break;
        case 4:
            constant_ = all_equal<std::uint32_t>(data, shape, first_);
            break;
        default:
            constant_ = all_equal<std::uint64_t>(data, shape, first_);
            break;
    }
}

void ConstantScan::look(ChunkBatch const& b, char const* band, Index rows)
{
    Index const size = element_bytes(b.element);
    for (Index cf = 0; cf < b.n_channel_chunks; ++cf) {
        Index const channels = std::min(b.chunk_channels, b.n_channels - cf * b.chunk_channels);
        for (Index cp = 0; cp < b.n_correlation_chunks; ++cp, band += b.chunk_elements() * size) {
            Index const correlations = std::min(b.chunk_correlations, b.n_correlations - cp * b.chunk_correlations);
            Index const row = b.chunk_channels * b.chunk_correlations;
            bool const together = correlations == b.chunk_correlations;  // a row's channels
            if (together && channels == b.chunk_channels)
                run(b.element, band, {1, rows * row, 0});
            else if (together)
                run(b.element, band, {rows, channels * correlations, row});
            else
                for (Index c = 0; c < channels; ++c)
                    run(b.element, band + c * b.chunk_correlations * size, {rows, correlations, row});
        }
    }
}

std::optional<double> ConstantScan::value() const
{
    if (!any_ || !constant_) return {};
    if (element_ == Element::u8) return static_cast<unsigned char>(first_[0]);
    if (element_ == Element::f32) {
        float value = 0;
        std::memcpy(&value, first_, sizeof value);
        return value;
    }
    double value = 0;
    std::memcpy(&value, first_, sizeof value);
    return value;
}

}  // namespace nocturne
