// Where QML submits a task.
#ifndef LEGWORK_CALLSITE_H
#define LEGWORK_CALLSITE_H

#include <QtCore/QObject>

#include <cstdint>

namespace legwork {

// As Rust numbers them; 0 for unknown. On the object's thread.

// The line of JavaScript that an object's engine executes; where it executes none, that of the element.
std::uint16_t siteOfCaller(const QObject &object) noexcept;
// The file in which QML has the object: of one that starts by itself, whatever creates it.
std::uint16_t siteOfElement(const QObject &object) noexcept;

} // namespace legwork

#endif
