# A second build (of BUILD) without a change writes none of FILES.
cmake_minimum_required(VERSION 3.24)
string(REPLACE "," ";" FILES "${FILES}")

foreach(round RANGE 1 2)
  # The first one is for a ctest that is called before the build.
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BUILD}" --config "${CONFIG}" COMMAND_ERROR_IS_FATAL ANY)
  foreach(file IN LISTS FILES)
    file(TIMESTAMP "${file}" time "%s")
    list(APPEND times_${round} ${time})
  endforeach()
endforeach()
if(NOT times_1 STREQUAL times_2)
  message(FATAL_ERROR "written again: one of ${FILES}")
endif()
