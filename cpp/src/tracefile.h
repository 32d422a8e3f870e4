// Where a trace goes that was given no name.
#ifndef LEGWORK_TRACEFILE_H
#define LEGWORK_TRACEFILE_H

#include <QtCore/QString>

namespace legwork::detail {

// Makes an empty file in the folder for temporary ones, which only this user can read, and says its path. Where it
// cannot be made, the path that it would have. From any thread.
QString newTraceFile();

} // namespace legwork::detail

#endif
