// AOFlagger on planes, for tests/peers/flagging.py. Enters: a file of float32 planes [baseline][correlation][re, im][channel][integration]
// and their sizes. Leaves: a file of bytes [baseline][channel][integration], flags by its generic default strategy.
#include <aoflagger.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv)
{
    if (argc != 7) return 64;
    std::size_t const nb = std::strtoul(argv[3], nullptr, 10), np = std::strtoul(argv[4], nullptr, 10),
                      nc = std::strtoul(argv[5], nullptr, 10), nt = std::strtoul(argv[6], nullptr, 10);
    std::FILE* in = std::fopen(argv[1], "rb");
    std::FILE* out = std::fopen(argv[2], "wb");
    if (!in || !out) return 74;
    aoflagger::AOFlagger flagger;
    auto strategy = flagger.LoadStrategyFile(flagger.FindStrategyFile());
    std::vector<float> row(nt);
    std::vector<std::uint8_t> flags(nc * nt);
    double seconds = 0;
    for (std::size_t b = 0; b < nb; ++b) {
        auto images = flagger.MakeImageSet(nt, nc, 2 * np);
        for (std::size_t k = 0; k < 2 * np; ++k)
            for (std::size_t c = 0; c < nc; ++c) {
                if (std::fread(row.data(), sizeof(float), nt, in) != nt) return 65;
                float* to = images.ImageBuffer(k) + c * images.HorizontalStride();
                for (std::size_t t = 0; t < nt; ++t) to[t] = row[t];
            }
        auto const start = std::chrono::steady_clock::now();
        auto const mask = strategy.Run(images);
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        for (std::size_t c = 0; c < nc; ++c)
            for (std::size_t t = 0; t < nt; ++t) flags[c * nt + t] = mask.Buffer()[c * mask.HorizontalStride() + t];
        if (std::fwrite(flags.data(), 1, flags.size(), out) != flags.size()) return 74;
    }
    std::fclose(in);
    if (std::fclose(out) != 0) return 74;
    std::printf("%.6f\n", seconds);
    return 0;
}
