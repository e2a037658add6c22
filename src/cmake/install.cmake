# cmake --install: the program, its data, and the package nocturne (target nocturne::kernels) for other CMake projects.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nocturne)

if(TARGET nocturne)
  install(TARGETS nocturne RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY jobs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/nocturne USE_SOURCE_PERMISSIONS PATTERN "quickstart" EXCLUDE
  PATTERN "packages" EXCLUDE)
install(DIRECTORY slurm DESTINATION ${CMAKE_INSTALL_DATADIR}/nocturne USE_SOURCE_PERMISSIONS)
install(DIRECTORY include/nocturne DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY kernels DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/nocturne-rooms FILES_MATCHING PATTERN "*.hpp"
  PATTERN "cuda" EXCLUDE PATTERN "kokkos" EXCLUDE)
install(TARGETS nocturne_kernels nocturne_version ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

configure_package_config_file(src/cmake/nocturneConfig.cmake.in ${CMAKE_BINARY_DIR}/nocturneConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/nocturneConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/nocturneConfig.cmake ${CMAKE_BINARY_DIR}/nocturneConfigVersion.cmake
  DESTINATION ${package_dir})
