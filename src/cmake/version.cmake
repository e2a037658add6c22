# The code's version. Included: the library nocturne_version, whose one source is written anew when the version changes
# and not otherwise, so that a commit recompiles one file. Run as a script (-P): writes that source.
#   Enters: SOURCE_DIR, PROJECT_VERSION, OUTPUT. From git, else from archive.txt (git archive fills it), else unknown.
function(nocturne_git output)
  execute_process(COMMAND ${GIT} -c safe.directory=* -C ${SOURCE_DIR} ${ARGN}
    OUTPUT_VARIABLE text ERROR_QUIET RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    set(text "")
  endif()
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

# A tag v1.2.0 gives 1.2.0 or 1.2.0-3-gabcdef0; a bare hash gives PROJECT_VERSION+gabcdef0.
function(nocturne_version_of output described)
  if(described MATCHES "^v([0-9].*)$")
    set(${output} "${CMAKE_MATCH_1}" PARENT_SCOPE)
  elseif(described MATCHES "^[0-9a-f]+$")
    set(${output} "${PROJECT_VERSION}+g${described}" PARENT_SCOPE)
  else()
    set(${output} "${PROJECT_VERSION}+unknown" PARENT_SCOPE)
  endif()
endfunction()

function(nocturne_find_version output)
  find_program(GIT git)
  if(GIT AND EXISTS ${SOURCE_DIR}/.git)
    nocturne_git(described describe --tags --always --abbrev=10 --match "v[0-9]*")
    nocturne_version_of(version "${described}")
    set(product src kernels include jobs CMakeLists.txt)
    nocturne_git(status status --porcelain -- ${product})
    if(status)
      nocturne_git(changes diff HEAD -- ${product})
      string(SHA1 hash "${status}${changes}")
      string(SUBSTRING ${hash} 0 8 hash)
      string(APPEND version "-dirty.${hash}")
    endif()
  else()
    file(STRINGS ${SOURCE_DIR}/src/cmake/archive.txt lines REGEX "^[^#]")
    list(GET lines 0 described)
    nocturne_version_of(version "${described}")
  endif()
  set(${output} "${version}" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  nocturne_find_version(version)
  file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "nocturne/version.hpp"
char const* nocturne::code_version() { return "@version@"; }
]])
  return()
endif()

set(version_source ${CMAKE_BINARY_DIR}/generated/version.cpp)
set(write_version ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DPROJECT_VERSION=${PROJECT_VERSION}
  -DOUTPUT=${version_source} -P ${CMAKE_CURRENT_LIST_FILE})
execute_process(COMMAND ${write_version} COMMAND_ERROR_IS_FATAL ANY)
add_custom_target(nocturne_write_version COMMAND ${write_version} BYPRODUCTS ${version_source}
  COMMENT "Code version" VERBATIM)
add_library(nocturne_version STATIC ${version_source})
add_dependencies(nocturne_version nocturne_write_version)
target_include_directories(nocturne_version PRIVATE ${CMAKE_SOURCE_DIR}/include)
target_link_libraries(nocturne_flags INTERFACE nocturne_version)
