// What is searched. It knows nothing of threads.
#ifndef LINES_H
#define LINES_H

#include <QtCore/QStringList>

inline const QStringList &lines()
{
    static const QStringList all = [] {
        QStringList made;
        for (int i = 0; i < 200'000; ++i)
            made += QString("line %1: the request took %2 ms").arg(i).arg(i * 7919LL % 1000);
        return made;
    }();
    return all;
}

#endif
