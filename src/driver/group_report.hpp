// The report of a group: fills qa's plain structs from the group's state. Enters: state, products, provenance. Leaves: HTML.
#pragma once

#include "driver/products.hpp"
#include "qa/picture.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// The page for a group; images are those of the state.
struct GroupPage {
    std::string html;
    Picture picture;  ///< of the image reported on; empty where there is none
};

GroupPage make_group_report(GroupState const& state, ProductContext const& context,
                            std::vector<db::ProductRow> const& outputs);

/// Null where there is none.
Image const* find_product(std::vector<Image> const& images, Product product);

/// The image that the report is about: pbcor, image or dirty, in this order; null where there is none.
Image const* best_image(std::vector<Image> const& images);

}  // namespace nocturne
