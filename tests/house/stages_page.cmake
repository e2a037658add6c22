# docs/stages.md is what the program says of its stages. Enters: PROGRAM, PAGE.
execute_process(COMMAND ${PROGRAM} stages --markdown OUTPUT_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
file(READ ${PAGE} page)
if(NOT said STREQUAL page)
  message(FATAL_ERROR "docs/stages.md is not what the stages declare: run nocturne stages --markdown > docs/stages.md")
endif()
