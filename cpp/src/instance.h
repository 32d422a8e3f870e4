// The life of TaskManager::instance(), which is that of the QCoreApplication.
#ifndef LEGWORK_INSTANCE_H
#define LEGWORK_INSTANCE_H

namespace legwork {

// On the thread of the application, as that is constructed and destroyed.
void openInstance();
void closeInstance();

} // namespace legwork

#endif
