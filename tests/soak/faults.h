// What goes wrong around the calls of the soak, and what is turned on and off beside them.
#ifndef LEGWORK_SOAK_FAULTS_H
#define LEGWORK_SOAK_FAULTS_H

#include "books.h"
#include "dice.h"

#include <QtCore/QTemporaryDir>

namespace soak {

// Threads that the library asks for are refused while one lives, as a system does at RLIMIT_NPROC. (That limit itself
// does not hold for root, and would take Qt's threads, too, which Qt does not stand.)
class NoThreads {
public:
    NoThreads();
    ~NoThreads();
    NoThreads(const NoThreads &) = delete;
    // How many were refused in all.
    static int refused();
};

class Faults {
public:
    Faults(quint64 seed, Books &books);

    void step();
    void settle();
    quint64 traces() const { return m_traces; }

private:
    void trace();

    Books &m_books;
    Dice m_dice;
    QTemporaryDir m_folder;
    std::unique_ptr<NoThreads> m_noThreads;
    quint64 m_traces = 0;
};

} // namespace soak

#endif
