// The receiver of a local future (src/qt/local.rs), as Rust asks it.
#ifndef LEGWORK_LOCALRECEIVER_H
#define LEGWORK_LOCALRECEIVER_H

#include "lifetimes.h"

#include <QtCore/QObject>

#include <cstdint>
#include <memory>

namespace legwork {

// On the object's thread. As the object is destroyed, Rust hears of it (localReceiverGone), on the thread that does it;
// and so it does as this is destroyed.
class LocalReceiver {
public:
    LocalReceiver(QObject &object, std::uint64_t number);

    // Whether it is there still, and lives on the calling thread. On the thread that this was made on.
    bool isThere() const;

private:
    std::shared_ptr<detail::Connection> m_connection;
};

// The same of an object for which there is no LocalReceiver yet. From any thread that may use the object.
bool livesOnThisThread(const QObject &object);

std::unique_ptr<LocalReceiver> followReceiver(QObject &object, std::uint64_t number);

} // namespace legwork

#endif
