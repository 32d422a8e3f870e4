// Calls of the C++ face, by chance.
#ifndef LEGWORK_SOAK_CALLS_CPP_H
#define LEGWORK_SOAK_CALLS_CPP_H

#include "work.h"

#include <QtCore/QObject>

#include <memory>
#include <vector>

namespace soak {

// On one thread; there may be several, each with objects of its own.
class CallsCpp : public QObject {
    Q_OBJECT

public:
    // The keys of its tasks have the name, too: a task that KeyPolicy::Keep finds is of this thread.
    CallsCpp(quint64 seed, Books &books, const QString &name = {});

    void step();
    // Takes back all that keeps tasks from their ends.
    void settle();
    // Objects that own and hear, as they go.
    void forget();

private:
    legwork::TaskOptions options();
    legwork::PeriodicOptions periodicOptions();
    legwork::GroupOptions groupOptions();
    template<typename Options> void common(Options &options);
    QObject *owner();
    QObject *object();
    const legwork::Task<int> &task();
    // Enters it, and has it heard of in one of many ways.
    void keep(const legwork::Task<int> &task, const QObject *owner);
    void hear(const legwork::Task<int> &task);

    void run();
    void later();
    void periodic();
    void script();
    void stream();
    void external();
    void process();
    void large();
    void then();
    void group();
    void future();
    void coroutine();
    void refusals();
    void control();
    void owners();

    Books &m_books;
    const QStringList m_keys;
    Dice m_dice;
    std::vector<std::unique_ptr<QObject>> m_owners;
    std::vector<legwork::Task<int>> m_tasks; // the last ones
    std::size_t m_next = 0;
};

} // namespace soak

#endif
