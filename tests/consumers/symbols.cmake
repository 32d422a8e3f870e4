# A library (LIBRARY) shows what its headers declare with LEGWORK_EXPORT (CLASSES, FUNCTIONS), and nothing of Rust's or
# of cxx's. And it needs nothing that only some builds of Qt have.
cmake_minimum_required(VERSION 3.24)

string(REPLACE "," ";" classes "${CLASSES}")
string(REPLACE "," ";" functions "${FUNCTIONS}")
string(REPLACE "," "|" functions_pattern "${FUNCTIONS}")

foreach(style "" --demangle)
  execute_process(COMMAND "${NM}" --dynamic --defined-only --format=just-symbols ${style} "${LIBRARY}"
    OUTPUT_VARIABLE names COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "[][;]" "." names "${names}")
  string(REGEX REPLACE "\n" ";" names "${names}")
  list(REMOVE_ITEM names "")

  set(foreign ${names})
  if(style)
    set(face ${names})
    list(FILTER foreign EXCLUDE REGEX
      "^((vtable|VTT|typeinfo|typeinfo name) for |(non-)?virtual thunk to |guard variable for )?(legwork::(detail::|testing::)?[A-Z]|(${functions_pattern})[(])|^qml_register_types_Legwork\\(\\)$")
  else()
    # Mangled by Rust in its old and its new way, or a bridge function of cxx.
    list(FILTER foreign INCLUDE REGEX "17h[0-9a-f]+E$|^_R|cxxbridge|cxxqt|Rust|Bridge")
  endif()
  if(foreign)
    list(JOIN foreign "\n  " foreign)
    message(FATAL_ERROR "exported, and not of the face:\n  ${foreign}")
  endif()
endforeach()

execute_process(COMMAND "${NM}" --dynamic --undefined-only --format=just-symbols "${LIBRARY}"
  OUTPUT_VARIABLE wanted COMMAND_ERROR_IS_FATAL ANY)
if(wanted MATCHES "qt_resourceFeatureZstd")
  message(FATAL_ERROR "it needs a Qt with zstd")
endif()

if("legwork::TaskManager" IN_LIST classes)
  foreach(name
      "legwork::TaskManager::staticMetaObject"
      "legwork::TaskManager::taskPeriodic(QString, unsigned long long, QVariant)"
      "vtable for legwork::TaskManager"
      "typeinfo for legwork::TaskManagerBase"
      "qml_register_types_Legwork()")
    if(NOT name IN_LIST face)
      message(FATAL_ERROR "not exported: ${name}")
    endif()
  endforeach()
endif()

foreach(class IN LISTS classes)
  set(found ${face})
  list(FILTER found INCLUDE REGEX "(^| )${class}(::|$)")
  if(NOT found)
    message(FATAL_ERROR "not exported: the class ${class}")
  endif()
endforeach()
foreach(function IN LISTS functions)
  set(found ${face})
  list(FILTER found INCLUDE REGEX "^${function}[(]")
  if(NOT found)
    message(FATAL_ERROR "not exported: the function ${function}")
  endif()
endforeach()

list(LENGTH names count)
message(STATUS "${count} symbols")
