// Which rank of a team writes which image. Enters: images where they were made. Leaves: each on the rank that writes it.
#pragma once

#include "driver/ranks.hpp"

#include <optional>
#include <vector>

namespace nocturne {

struct ImageShare {
    Product product;
    int holder = 0, writer = 0;
};

/// Spreads the writing over `n_ranks`: each product to the rank with the least to do, of equal ones to its holder. The leader also
/// makes the report.
std::vector<ImageShare> plan_shares(std::vector<HeldImage> const& held, int n_ranks);

/// Every rank calls it. Afterwards `state.images` has, ordered by product, what the rank writes and what it held; the leader has
/// the PSF, too, and the image that a report shows. The same list on all ranks.
std::vector<ImageShare> share_images(GroupState& state, Ranks const& team);

/// The product of a report's first picture: corrected, restored or dirty; nothing where there is none of them.
std::optional<Product> best_product(std::vector<ImageShare> const& shares);

/// What self-calibration and its notes go by.
struct SeenImage {
    double noise_jy = 0, peak_jy = 0, beam_rad = 0;
    double dynamic_range() const { return noise_jy > 0 ? peak_jy / noise_jy : 0; }
};

/// The CLEANed image, wherever it was made; nothing where there is none. Every rank calls it.
std::optional<SeenImage> look_at_image(GroupState& state, Ranks const& team);

Image const* find_product(std::vector<Image> const& images, Product product);

}  // namespace nocturne
