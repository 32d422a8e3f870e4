// The options of a scenario, as C++ says them, and the names of what it answers.
#ifndef OPTIONS_H
#define OPTIONS_H

#include <legwork/legwork.h>
#include <legwork/pluginapi.h>

#include <QtCore/QJsonObject>
#include <QtCore/QJsonValue>
#include <QtCore/QMetaEnum>
#include <QtCore/QStringList>

// An enumerator of TaskFace by its name, which has the same number.
template<typename Enum> Enum enumerator(const QJsonValue &name, Enum otherwise)
{
    const auto &meta = legwork::TaskFace::staticMetaObject;
    for (int index = 0; index < meta.enumeratorCount(); ++index) {
        bool known = false;
        const int value = meta.enumerator(index).keyToValue(name.toString().toUtf8().constData(), &known);
        if (known)
            return static_cast<Enum>(value);
    }
    return otherwise;
}

// <vocabulary: C++ player>
// </vocabulary>

#endif
