// Are all samples of a dataset the same? For the reader.
#pragma once

#include "nocturne/chunk_batch.hpp"

#include <optional>

namespace nocturne {

/// Follows one dataset band by band: the value of its first sample, and whether all others equal it bit by bit.
class ConstantScan {
public:
    /// Looks at the valid samples of one band: `rows` of its rows, without the padding of edge chunks.
    void look(ChunkBatch const& layout, char const* band, Index rows);
    /// True until a sample differed.
    bool constant() const { return constant_; }
    /// The value, where there was any sample and all were equal.
    std::optional<double> value() const;

private:
    /// `rows` rows of n samples, `stride` samples apart.
    struct Rectangle {
        Index rows, n, stride;
    };
    template<class T>
    static bool all_equal(char const* data, Rectangle const& shape, char const* value);
    void run(Element element, char const* data, Rectangle const& shape);

    bool constant_ = true, any_ = false;
    Element element_ = Element::u8;
    char first_[8] = {};
};

}  // namespace nocturne
