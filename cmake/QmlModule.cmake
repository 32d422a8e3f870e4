# Copies the QML module's files from where build.rs left them (FROM) to beside the plugin (TO), with
# what cxx-qt has written for a module without a plugin put right. Leaves alone what has not changed.
cmake_minimum_required(VERSION 3.24)

file(READ "${FROM}/qmldir" text)
string(REGEX REPLACE "(^|\n)optional plugin [^\n]*" "\\1optional plugin legworkplugin" text "${text}")
string(REGEX REPLACE "(^|\n)classname [^\n]*" "\\1classname LegworkPlugin" text "${text}")
# The parts of the others are nobody else's.
string(REGEX REPLACE "(^|\n)([A-Za-z]+) [0-9.]+ (qml/parts/[^\n]*)" "\\1internal \\2 \\3" text "${text}")
file(CONFIGURE OUTPUT "${TO}/qmldir" CONTENT "${text}" @ONLY)

# The generator leaves out the base of a class that is not among the module's types: QAbstractListModel,
# which QtQml.Models describes (the qmldir says that it depends on it), or QObject.
file(READ "${FROM}/plugin.qmltypes" text)
# Instead of it a newer Qt takes an interface that the class has.
string(REPLACE "        prototype: \"QQmlParserStatus\"\n" "" text "${text}")
set(reference "accessSemantics: \"reference\"\n        ")
foreach(model TaskModelBase StatsElement)
  set(model "name: \"legwork::${model}\"\n        ${reference}")
  string(REPLACE "${model}" "${model}prototype: \"QAbstractListModel\"\n        " text "${text}")
endforeach()
string(REPLACE "${reference}prototype:" "<has one>" text "${text}")
string(REPLACE "${reference}" "${reference}prototype: \"QObject\"\n        " text "${text}")
string(REPLACE "<has one>" "${reference}prototype:" text "${text}")
file(CONFIGURE OUTPUT "${TO}/plugin.qmltypes" CONTENT "${text}" @ONLY)

file(GLOB_RECURSE files RELATIVE "${FROM}" "${FROM}/*.qml" "${FROM}/*.js" "${FROM}/*.mjs")
foreach(file IN LISTS files)
  cmake_path(GET file PARENT_PATH folder)
  file(MAKE_DIRECTORY "${TO}/${folder}")
  file(COPY_FILE "${FROM}/${file}" "${TO}/${file}" ONLY_IF_DIFFERENT)
endforeach()
