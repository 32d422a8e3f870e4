#include "plugintypes.h"

#include "pluginfile.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QString>

#include <dlfcn.h>

namespace legwork {

namespace {

// A type's id is kept in its description, which is the one thing of Qt's private parts that is written
// here (see ARCHITECTURE.md). From Qt 6.5 on one gets at it as a const object, which it is not for a type
// that is registered while the program runs: Qt itself writes it in this way.
void setTypeId(QMetaType type, int id)
{
    const_cast<QtPrivate::QMetaTypeInterface *>(type.iface())->typeId.storeRelaxed(id);
}

// A type with no more than a name, which nobody asks for.
QMetaType newPlaceholder()
{
    using Interface = QtPrivate::QMetaTypeInterface;
    constexpr ushort revision = 0;
    static int count = 0;
    const auto name = QByteArrayLiteral("legwork::Placeholder") + QByteArray::number(++count);
    // Qt may look at both as long as the process lives; the list keeps them from being leaks.
    static auto &all = *new QList<const Interface *>;
    all.append(new Interface{revision, alignof(char), sizeof(char), 0, 0, nullptr, qstrdup(name.constData()), nullptr,
                             nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr});
    return QMetaType(all.last());
}

// Registers a type under a certain id, which is free.
void registerAs(QMetaType type, int id)
{
    QList<QMetaType> fillers;
    setTypeId(type, 0);
    // Earlier gaps are filled first. Should another thread have taken the id meanwhile, a later one comes.
    while (type.id() < id) {
        QMetaType::unregisterMetaType(type);
        fillers.append(newPlaceholder());
        fillers.last().id();
    }
    for (const auto &filler : fillers)
        QMetaType::unregisterMetaType(filler);
}

struct Buried {
    QMetaType type;
    int id = 0;
    QMetaType placeholder;
};

// The types of libraries that stayed in the process and may be opened again, by their file. On the
// manager's thread.
QHash<QString, QList<Buried>> &buriedTypes()
{
    static auto &types = *new QHash<QString, QList<Buried>>;
    return types;
}

} // namespace

const void *libraryOf(const void *something)
{
    Dl_info info = {};
    return something && dladdr(something, &info) ? info.dli_fbase : nullptr;
}

QList<QMetaType> forgetTypesOf(const void *library)
{
    QList<QMetaType> types;
    if (!library)
        return types;
    // Ids are given out from here on, and the gaps are filled first.
    constexpr int longestGap = 1024;
    for (int id = QMetaType::User + 1, gap = 0; gap < longestGap; ++id, ++gap) {
        if (!QMetaType::isRegistered(id))
            continue;
        gap = 0;
        const QMetaType type(id);
        if (libraryOf(type.iface()) != library)
            continue;
        QMetaType::unregisterMetaType(type);
        // Its converters are taken out by destructors of the library, which ask for the id. With none
        // there, that would register the type again.
        setTypeId(type, id);
        types.append(type);
    }
    return types;
}

void buryTypes(const PluginFile &file, const QList<QMetaType> &types)
{
    QList<Buried> buried;
    for (const auto &type : types) {
        const Buried entry{type, type.id(), newPlaceholder()};
        registerAs(entry.placeholder, entry.id);
        buried.append(entry);
    }
    if (!buried.isEmpty() && !file.isCopy())
        buriedTypes().insert(file.path(), buried);
}

void unburyTypes(const PluginFile &file)
{
    const auto types = buriedTypes().take(file.path());
    if (!isMapped(file.path()))
        return;
    for (const auto &entry : types)
        QMetaType::unregisterMetaType(entry.placeholder);
    for (const auto &entry : types)
        registerAs(entry.type, entry.id);
}

} // namespace legwork
