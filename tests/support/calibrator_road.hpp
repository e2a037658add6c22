// A calibrator's group in G and what was solved of it in set.h5, for tests of solutions as a user runs them.
#pragma once

#include "io/solutions.hpp"
#include "tests/support/program.hpp"

namespace nocturne::test {

class CalibratorRoad : public ProgramTest {
protected:
    void SetUp() override
    {
        ProgramTest::SetUp();
        auto const made =
            shell("printf 'name,ra_deg,dec_deg,flux_jy,spix\\nCAL,150,54.6,20,0\\n' > cal.csv && " + program() +
                  " simulate --out G --antennas 12 --integrations 6 --subbands 2 --channels 16 --ra 150 --dec 54.6 "
                  "--sources cal.csv --noise --gain-std 0.1 --phase-std-deg 60 --seed 3 && " +
                  program() + " solve G --model cal.csv --types B,G --out set.h5");
        ASSERT_EQ(made.code, 0) << made.err;
    }
};

}  // namespace nocturne::test
