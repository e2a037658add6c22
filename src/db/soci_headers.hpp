// SOCI without its Boost adapters: Debian's soci-config.h switches them on, though its package does not bring Boost. They are
// templates only; the classes of the library do not depend on the switch.
#pragma once

#include <soci/soci-config.h>
#undef SOCI_HAVE_BOOST
#undef SOCI_HAVE_BOOST_DATE_TIME
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
