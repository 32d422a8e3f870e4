// Legwork: background tasks for Qt applications. All of the C++ face.
//
//     auto task = legwork::run([path](legwork::TaskContext &context) { return hashFile(path, context); },
//                              {.name = "Hash", .priority = legwork::Priority::High});
//     task.onComplete(this, [this](const QByteArray &hash) { label->setText(hash.toHex()); })
//         .onError(this, [this](const legwork::TaskError &error) { label->setText(error.message); });
//
// C++20; in C++17 all but coroutines and designated initialisers.
#ifndef LEGWORK_LEGWORK_H
#define LEGWORK_LEGWORK_H

#include <legwork/baseplugin.h>
#include <legwork/coroutine.h>
#include <legwork/external.h>
#include <legwork/group.h>
#include <legwork/history.h>
#include <legwork/pluginapi.h>
#include <legwork/pluginhost.h>
#include <legwork/process.h>
#include <legwork/run.h>
#include <legwork/stream.h>
#include <legwork/taskmanager.h>

#endif
