// What Qt knows of the types of a plugin's library. On the manager's thread.
#ifndef LEGWORK_PLUGINTYPES_H
#define LEGWORK_PLUGINTYPES_H

#include <QtCore/QList>
#include <QtCore/QMetaType>

namespace legwork {

class PluginFile;

// Where the library that holds something is in memory; null if that is not known.
const void *libraryOf(const void *something);

// Qt keeps a pointer to the description of each type that it has met in a QVariant, a queued
// connection or a property, by the type's name. Of a library that goes it has to forget them: the
// next one that has a type of that name would be taken for it.
QList<QMetaType> forgetTypesOf(const void *library);

// The library stays. Its types are found no more by their names, which a newer version may have, too. The
// ids stay taken, as Qt keeps the converters by them, which are taken out when the library goes.
void buryTypes(const PluginFile &file, const QList<QMetaType> &types);

// It is going to be opened. If that is what stayed there, it is in use again, as it was.
void unburyTypes(const PluginFile &file);

} // namespace legwork

#endif
