// What the tasks of the soak do.
#ifndef LEGWORK_SOAK_WORK_H
#define LEGWORK_SOAK_WORK_H

#include "books.h"
#include "dice.h"

namespace soak {

// A body, by chance: some end at once, some sleep, some fail in each way, some wait for others.
class Work {
public:
    Work(Dice &dice, Books &books);

    int operator()(legwork::TaskContext &context) const;

private:
    int inner(legwork::TaskContext &context) const;

    Books *m_books;
    int m_kind;
    int m_size;
};

// A result that is not small.
QByteArray large(int kilobytes);

// The jobs that QML runs: "soak.work", "soak.echo", "soak.fail", and what a plugin asks of its host.
void registerJobs(Books &books);

} // namespace soak

#endif
