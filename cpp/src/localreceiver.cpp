#include "localreceiver.h"

#include "legwork/src/qt/local.cxx.h"

#include <QtCore/QThread>

namespace legwork {

namespace {

// No callback is called: it is there to be destroyed with its receiver, on that one's thread.
class Leaves final : public detail::Callback {
public:
    explicit Leaves(std::uint64_t number) : m_number(number) { }
    ~Leaves() override { localReceiverGone(m_number); }
    void call(const detail::Notice &) override { }

private:
    const std::uint64_t m_number;
};

} // namespace

LocalReceiver::LocalReceiver(QObject &object, std::uint64_t number)
    : m_connection(
        std::make_shared<detail::Connection>(detail::lifetimeOf(&object), std::make_unique<Leaves>(number), 0))
{
}

bool LocalReceiver::isThere() const
{
    const auto &object = m_connection->life->guard;
    return object && object->thread() == QThread::currentThread();
}

bool livesOnThisThread(const QObject &object) { return object.thread() == QThread::currentThread(); }

std::unique_ptr<LocalReceiver> followReceiver(QObject &object, std::uint64_t number)
{
    return std::make_unique<LocalReceiver>(object, number);
}

} // namespace legwork
