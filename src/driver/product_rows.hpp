// What is said of a group's products: FITS headers, database rows, the list of components. Enters: a finished group, images. Leaves:
// headers, rows, text.
#pragma once

#include "driver/products.hpp"
#include "io/fits_writer.hpp"
#include "io/product.hpp"

namespace nocturne {

FitsHeader fits_header(GroupState const& state, ProductContext const& context);

/// For images of a part of the group's channels or integrations, of which nobody counted the samples.
FitsHeader without_counts(FitsHeader header);

/// Samples of the parallel hands that went into the image, and those that did not: as `images` prints them.
db::ImageRow image_row(Image const& image, GroupState const& state, std::string const& path, WrittenFits const& fits);

/// A file of the set; `product` as in ProductRow.
db::ProductRow product_row(ProductRecord const& record, std::string type, std::string product);

/// CLEAN's components at their exact places: apparent fluxes, and intrinsic ones where a primary beam is known (`pb` may be null). By
/// falling flux. x_pix and y_pix count pixels of `geometry` from 0 and need not be whole.
std::string components_csv(std::vector<ModelComponent> list, ImageGeometry const& geometry, Image const* pb);

/// As CSV with a header line, in their order.
std::string candidates_csv(std::vector<Candidate> const& candidates);

/// Rows of images as bytes from rank to rank, exact.
std::string packed(std::vector<db::ImageRow> const& rows, std::vector<ProductRecord> const& records);
void unpack(std::string const& bytes, std::vector<db::ImageRow>& rows, std::vector<ProductRecord>& records);

}  // namespace nocturne
