// The primary beam of the antennas, whatever it is taken from. Enters: a dish, or a file's beam. Leaves: its power in a direction.
#pragma once

#include "nocturne/stage.hpp"
#include "sky/frames.hpp"
#include "stages/image/settings.hpp"

namespace nocturne {

/// Sine of the angle between two unit vectors; 1 from a right angle on.
double sine_between(Vec3 const& a, Vec3 const& b);

/// The one diameter of all antennas that have baselines; 0 where they differ or are unknown: there is no common beam then.
double common_dish_m(GroupHeader const& header);

/// Directions are unit vectors of the image's frame (l, m, n).
class BeamPattern {
public:
    /// The Airy pattern of a uniformly lit dish (Born & Wolf 1999, 8.5.2), or the Gaussian that is as wide at half power.
    BeamPattern(ModelBeam shape, double dish_m);
    /// `centre_dec_rad`: of the image, whose frame the north is looked for in.
    BeamPattern(std::shared_ptr<BeamMap const> map, double centre_dec_rad);

    double power(Vec3 const& source, Vec3 const& toward, double freq_hz) const;
    /// It depends on the angle from the axis alone: power = of(x), x = radians_per_hz · frequency · sine of the angle.
    bool round() const { return !map_; }
    double of(double x) const;
    double radians_per_hz() const { return radians_per_hz_; }
    /// About λ / D.
    double width_rad(double freq_hz) const;
    char const* name() const;  ///< AIRY, GAUSSIAN, FITS
    double dish_m() const { return dish_m_; }

private:
    ModelBeam shape_;
    double dish_m_ = 0, radians_per_hz_ = 0;
    std::shared_ptr<BeamMap const> map_;
    Vec3 pole_{};  ///< the celestial pole in the image's frame
};

/// Of the antennas of a group, as the settings wish; none where they have no common beam or it is not known where they looked.
std::optional<BeamPattern> find_pattern(GroupState const& state, CleanSettings const& settings);

}  // namespace nocturne
