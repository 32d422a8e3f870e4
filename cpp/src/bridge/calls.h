// All that C++ calls of Rust, in the files of src/qt/ that these headers are generated of.
#ifndef LEGWORK_BRIDGE_CALLS_H
#define LEGWORK_BRIDGE_CALLS_H

#include "legwork/src/qt/bridge_body.cxx.h"
#include "legwork/src/qt/bridge_external.cxx.h"
#include "legwork/src/qt/bridge_history.cxx.h"
#include "legwork/src/qt/bridge_notice.cxx.h"
#include "legwork/src/qt/bridge_owner.cxx.h"
#include "legwork/src/qt/bridge_submit.cxx.h"
#include "legwork/src/qt/bridge_task.cxx.h"
#include "legwork/src/qt/id.cxx.h"

#endif
