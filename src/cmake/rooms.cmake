# One static library per room, sources globbed per folder, one test program per folder of tests.
add_library(nocturne_flags INTERFACE)
target_include_directories(nocturne_flags INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(nocturne_flags INTERFACE $<$<CONFIG:Debug>:NOCTURNE_DEBUG>
  $<$<BOOL:${NOCTURNE_HAS_CUDA}>:NOCTURNE_HAS_CUDA>)
# x86-64-v3 (AVX2, FMA) is the least processor there is at a telescope; an older one is told so by src/cli/processor.c.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(march -march=x86-64-v3)
endif()
# -Wno-restrict: GCC 12 reports std::string + char const* falsely (its bug 105651).
# 554: View<T const>'s conversion to itself, which no one calls.
target_compile_options(nocturne_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wshadow;-Wno-restrict;-Werror;${march};-fno-math-errno>
  "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:--Werror=all-warnings --diag-suppress=554 --resource-usage --expt-relaxed-constexpr>"
  "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Xcompiler=-Wall,-Wextra,-Werror -Xcompiler=${march}>")
# -Wno-maybe-uninitialized, -Wno-array-bounds, -Wno-stringop-…: under sanitizers GCC 12 reports std::regex (its bug 105562) and sums of strings falsely.
# Checks of each pointer for null, place and type take UBSan's compilation half of its time; what they find AddressSanitizer and x86's own
# faults find, too.
if(NOCTURNE_SANITIZE)
  target_compile_options(nocturne_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${NOCTURNE_SANITIZE};-fno-sanitize=null,alignment,vptr,object-size;-fno-omit-frame-pointer>
    $<$<COMPILE_LANGUAGE:CXX>:-O1;-g1;-Wno-maybe-uninitialized;-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>)
  target_link_options(nocturne_flags INTERFACE -fsanitize=${NOCTURNE_SANITIZE})
endif()

# nocturne_batched(TARGET): several sources are compiled as one, headers and templates once for all of them. What two of them say in an unnamed
# namespace must differ by name then (tests/house/unnamed.py). GCC takes every source but the first for a header: subobject-linkage.
function(nocturne_batched target)
  if(NOCTURNE_BATCHED)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
  endif()
endfunction()

# nocturne_room(NAME DIR LIBRARIES…): the library nocturne_NAME of all sources below DIR.
function(nocturne_room name dir)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources)
    add_library(nocturne_${name} INTERFACE)
    target_link_libraries(nocturne_${name} INTERFACE nocturne_flags ${ARGN})
    return()
  endif()
  add_library(nocturne_${name} STATIC ${sources})
  target_link_libraries(nocturne_${name} PUBLIC nocturne_flags ${ARGN})
  nocturne_batched(nocturne_${name})
endfunction()

# nocturne_whole(NAME): nocturne_whole_NAME links every object of the room, so that what registers itself is there.
function(nocturne_whole name)
  add_library(nocturne_whole_${name} INTERFACE)
  target_link_libraries(nocturne_whole_${name} INTERFACE nocturne_${name})
  get_target_property(type nocturne_${name} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    target_link_options(nocturne_whole_${name} INTERFACE
      "SHELL:-Wl,--push-state,--whole-archive $<TARGET_FILE:nocturne_${name}> -Wl,--pop-state")
  endif()
endfunction()

# nocturne_precompiled(TARGET HEADERS…): headers that nearly every source of the target includes, parsed once.
function(nocturne_precompiled target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)  # so that ccache sees them
endfunction()

# nocturne_tests(NAME DIR LIBRARIES…): the program test_NAME of all tests in DIR, each found by ctest.
# Tests find NOCTURNE_SOURCE_DIR (golden data, jobs) and NOCTURNE_BINARY_DIR (the program) as definitions.
function(nocturne_tests name dir)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE ${ARGN} GTest::gtest GTest::gtest_main)
  target_compile_definitions(test_${name} PRIVATE NOCTURNE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" NOCTURNE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  # The macros of GoogleTest take long to optimise; what is hot in a test is the library's or an oracle's.
  # At -O1 GCC 12 takes the short buffer of a std::string for all of it (its bug 105329).
  target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-O1;-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread;-Wno-stringop-overflow;-Wno-stringop-overread>)
  get_property(first GLOBAL PROPERTY nocturne_first_tests)
  if(first)
    target_precompile_headers(test_${name} REUSE_FROM ${first})
    target_compile_options(test_${name} PRIVATE -fpch-preprocess)
  else()
    nocturne_precompiled(test_${name} <gtest/gtest.h> <algorithm> <cmath> <filesystem> <fstream> <map> <memory> <optional>
      <random> <set> <string> <thread> <vector>)
    set_property(GLOBAL PROPERTY nocturne_first_tests test_${name})
  endif()
  gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 600 LABELS ${name})
endfunction()
