#include "driver/image_shares.hpp"

#include <algorithm>
#include <bit>

namespace nocturne {
namespace {

/// In units of one FITS file: what a report takes (its picture, its sources), and an image on its way between ranks.
constexpr double report_cost = 3, move_cost = 0.5;

void copy_image(GroupState& state, Product product, std::pair<int, int> way, Ranks const& team)
{
    if (way.first == way.second) return;
    if (team.rank() == way.first) team.send(*find_product(state.images, product), way.second);
    if (team.rank() == way.second) state.images.push_back(team.receive(way.first));
}

}  // namespace

std::vector<ImageShare> plan_shares(std::vector<HeldImage> const& held, int n_ranks)
{
    std::vector<double> load(static_cast<std::size_t>(n_ranks), 0);
    load[0] = report_cost;
    std::vector<ImageShare> shares;
    for (auto const& image : held) {
        int best = image.rank;
        auto const cost = [&](int rank) {
            return load[static_cast<std::size_t>(rank)] + 1 + (rank == image.rank ? 0 : move_cost);
        };
        for (int rank = 0; rank < n_ranks; ++rank)
            if (cost(rank) < cost(best)) best = rank;
        load[static_cast<std::size_t>(best)] = cost(best);
        if (best != image.rank) load[static_cast<std::size_t>(image.rank)] += move_cost;
        shares.push_back({image.product, image.rank, best});
    }
    return shares;
}

std::optional<SeenImage> look_at_image(GroupState& state, Ranks const& team)
{
    auto const held = team.list_images(state);
    auto const image =
        std::find_if(held.begin(), held.end(), [](HeldImage const& one) { return one.product == Product::image; });
    if (image == held.end()) return std::nullopt;
    std::vector<std::int64_t> bits(3);
    if (image->rank == team.rank()) {
        auto const& made = *find_product(state.images, Product::image);
        float peak = 0;
        for (float pixel : made.pixels) peak = pixel > peak ? pixel : peak;
        double const values[] = {made.noise_jy, static_cast<double>(peak), made.beam.major_rad};
        for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = std::bit_cast<std::int64_t>(values[i]);
    }
    team.sum(bits);
    return SeenImage{std::bit_cast<double>(bits[0]), std::bit_cast<double>(bits[1]), std::bit_cast<double>(bits[2])};
}

std::optional<Product> best_product(std::vector<ImageShare> const& shares)
{
    for (auto product : {Product::pbcor, Product::image, Product::dirty})
        if (std::any_of(shares.begin(), shares.end(), [&](ImageShare const& s) { return s.product == product; }))
            return product;
    return std::nullopt;
}

Image const* find_product(std::vector<Image> const& images, Product product)
{
    auto const found = std::find_if(images.begin(), images.end(), [&](Image const& i) { return i.product == product; });
    return found == images.end() ? nullptr : &*found;
}

std::vector<ImageShare> share_images(GroupState& state, Ranks const& team)
{
    auto const shares = plan_shares(team.list_images(state), team.size());
    auto const best = best_product(shares);
    for (auto const& share : shares) {  // one order on all ranks: sends and receives meet
        copy_image(state, share.product, {share.holder, share.writer}, team);
        bool const shown = share.product == Product::psf || share.product == best;
        if (shown && share.writer != 0) copy_image(state, share.product, {share.holder, 0}, team);
    }
    std::stable_sort(state.images.begin(), state.images.end(),
                     [](Image const& a, Image const& b) { return a.product < b.product; });
    return shares;
}

}  // namespace nocturne
