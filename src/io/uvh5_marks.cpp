#include "io/uvh5_marks.hpp"

#include "io/chunk_dataset.hpp"

#include <algorithm>
#include <cstring>

namespace nocturne {
namespace {

template<class T>
T stored(std::vector<char> const& band, Index at)
{
    T value{};
    std::memcpy(&value, band.data() + static_cast<std::size_t>(at) * sizeof value, sizeof value);
    return value;
}

double sample(std::vector<char> const& band, Element element, Index at)
{
    if (element == Element::u8) return stored<std::uint8_t>(band, at);
    return element == Element::f64 ? stored<double>(band, at) : static_cast<double>(stored<float>(band, at));
}

/// use(number of the sample, value) of all samples.
template<class Use>
void for_samples(std::shared_ptr<OpenUvh5> const& open, DatasetKind kind, ChunkDataset::Extents extents, Use const& use)
{
    ChunkDataset const dataset(open, kind, extents);
    auto const& cut = dataset.layout();
    std::vector<char> band(dataset.band_bytes());
    for (Index b = 0; b < dataset.n_bands(); ++b) {
        dataset.read_bands(b, 1, band.data());
        Index const first = b * cut.chunk_rows, n = std::min(cut.chunk_rows, extents.rows - first);
        for (Index r = 0; r < n; ++r)
            for (Index c = 0; c < extents.channels; ++c)
                for (Index p = 0; p < extents.correlations; ++p)
                    use(static_cast<std::size_t>(((first + r) * extents.channels + c) * extents.correlations + p),
                        sample(band, cut.element, cut.offset(r, c, p)));
    }
}

}  // namespace

Uvh5Marks read_marks(FileHeader const& header)
{
    return within("file " + header.path, [&] {
        ChunkDataset::Extents const extents{header.n_rows, header.stored_channels, header.stored_correlations};
        auto const open = std::make_shared<OpenUvh5>(header.path);
        Uvh5Marks marks;
        marks.flag.resize(static_cast<std::size_t>(extents.rows * extents.channels * extents.correlations));
        marks.nsamples.resize(marks.flag.size());
        for_samples(open, DatasetKind::flag, extents,
                    [&](std::size_t at, double value) { marks.flag[at] = value != 0; });
        for_samples(open, DatasetKind::nsamples, extents,
                    [&](std::size_t at, double value) { marks.nsamples[at] = static_cast<float>(value); });
        return marks;
    });
}

}  // namespace nocturne
