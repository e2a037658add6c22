# Installs the build into a scratch folder and builds and runs tests/house/consumer against it.
#   Enters: SOURCE_DIR, BINARY_DIR.
set(scratch ${BINARY_DIR}/package-test)
file(REMOVE_RECURSE ${scratch})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${scratch}/prefix OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/house/consumer -B ${scratch}/build -G Ninja
  -DCMAKE_PREFIX_PATH=${scratch}/prefix COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${scratch}/build COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${scratch}/build/consumer COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${scratch}/prefix/bin/nocturne --version COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE ${scratch})
