# A Qt that was built without its network module, as far as CMake sees it: enough to configure, and not to build.
foreach(module Core Qml)
  if(NOT TARGET Qt6::${module})
    add_library(Qt6::${module} INTERFACE IMPORTED)
  endif()
endforeach()
