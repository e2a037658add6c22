// Enters: an image on one rank. Leaves: the same image, bit by bit, on another. Doubles travel as bytes of the header struct.
#include "driver/image_message.hpp"

#include "driver/ranks.hpp"

#include "nocturne/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>

#include <mpi.h>

namespace nocturne {
namespace {

constexpr int tag = 71;

/// Every number of an Image but its pixels, as exact bits.
struct Numbers {
    std::int64_t product, n_pixels;
    double values[24];
};

Numbers numbers_of(Image const& i)
{
    return {static_cast<std::int64_t>(i.product),
            i.geometry.n_pixels,
            {i.geometry.cell_rad,
             i.geometry.centre.ra.value(),
             i.geometry.centre.dec.value(),
             i.freq_hz,
             i.bandwidth_hz,
             i.mid_time_mjd_s,
             i.duration_s,
             i.beam.major_rad,
             i.beam.minor_rad,
             i.beam.pa_rad,
             i.noise_jy,
             i.sum_weight,
             i.robust,
             i.epsilon,
             i.dish_m,
             i.pb_limit,
             static_cast<double>(i.iterations),
             static_cast<double>(i.major_cycles),
             i.taper_rad,
             i.uv_min_lambda,
             i.uv_max_lambda,
             i.averaging_loss,
             i.plane.alpha,
             i.plane.beta}};
}

Image image_of(Numbers const& n)
{
    auto const* v = n.values;
    Image i;
    i.product = static_cast<Product>(n.product);
    i.geometry = {n.n_pixels, v[0], {Radians(v[1]), Radians(v[2])}};
    i.freq_hz = v[3], i.bandwidth_hz = v[4], i.mid_time_mjd_s = v[5], i.duration_s = v[6];
    i.beam = {v[7], v[8], v[9]};
    i.noise_jy = v[10], i.sum_weight = v[11], i.robust = v[12], i.epsilon = v[13];
    i.dish_m = v[14], i.pb_limit = v[15];
    i.iterations = static_cast<std::int64_t>(v[16]), i.major_cycles = static_cast<std::int64_t>(v[17]);
    i.taper_rad = v[18], i.uv_min_lambda = v[19], i.uv_max_lambda = v[20], i.averaging_loss = v[21];
    i.plane = {v[22], v[23]};
    return i;
}

void check_transfer(int status)
{
    if (status != MPI_SUCCESS)
        throw Error(Code::system, "MPI message between ranks failed", "error " + std::to_string(status),
                    "run the same command again");
}

/// Bytes of any length, a message for each 256 MiB.
template<class Transfer>
void in_parts(char* data, std::size_t bytes, Transfer const& transfer)
{
    for (std::size_t done = 0; done < bytes; done += largest_message)
        check_transfer(transfer(data + done, static_cast<int>(std::min(largest_message, bytes - done))));
}

}  // namespace

void send_image(void* communicator, Image const& image, int to)
{
    auto const send = [&](char* data, int n) {
        return MPI_Send(data, n, MPI_CHAR, to, tag, static_cast<MPI_Comm>(communicator));
    };
    auto numbers = numbers_of(image);
    auto texts = nlohmann::json{image.stokes, image.weighting, image.beam_model, image.clean_end}.dump();
    auto length = static_cast<std::int64_t>(texts.size());
    in_parts(reinterpret_cast<char*>(&numbers), sizeof numbers, send);
    in_parts(reinterpret_cast<char*>(&length), sizeof length, send);
    in_parts(texts.data(), texts.size(), send);
    in_parts(reinterpret_cast<char*>(const_cast<float*>(image.pixels.data())), image.pixels.size() * sizeof(float),
             send);
}

Image receive_image(void* communicator, int from)
{
    auto const receive = [&](char* data, int n) {
        return MPI_Recv(data, n, MPI_CHAR, from, tag, static_cast<MPI_Comm>(communicator), MPI_STATUS_IGNORE);
    };
    Numbers numbers{};
    std::int64_t length = 0;
    in_parts(reinterpret_cast<char*>(&numbers), sizeof numbers, receive);
    in_parts(reinterpret_cast<char*>(&length), sizeof length, receive);
    std::string texts(static_cast<std::size_t>(length), 0);
    in_parts(texts.data(), texts.size(), receive);
    auto image = image_of(numbers);
    auto const parsed = nlohmann::json::parse(texts);
    image.stokes = parsed[0];
    image.weighting = parsed[1];
    image.beam_model = parsed[2];
    image.clean_end = parsed[3];
    image.pixels.resize(static_cast<std::size_t>(numbers.n_pixels * numbers.n_pixels));
    in_parts(reinterpret_cast<char*>(image.pixels.data()), image.pixels.size() * sizeof(float), receive);
    return image;
}

}  // namespace nocturne
