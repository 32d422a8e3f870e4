// External tasks: when their work begins, how it is told to stop, and what their handles share. The other half is
// src/qt/bridge_external.rs.
#include "bridge.h"
#include "calls.h"

#include "../inbox.h"
#include "../mailbox.h"
#include "../sendhome.h"

#include "legwork/external.h"

#include <QtCore/QAbstractEventDispatcher>
#include <QtCore/QThread>

#include <atomic>
#include <utility>

namespace legwork::detail {

// What the handles, the two callbacks and the engine's hook know of the work.
//
// Each member goes one way (`phase` from Waits to Over), by any thread, and what is decided hangs on the member alone;
// that two of them are looked at in an order (`asked`, `gone`) leans on sequential consistency.
struct ExternalWork {
    enum Phase { Waits, Begun, Over };

    ExternalWork(Id task, bool says, std::shared_ptr<Lifetime> receiver)
        : id(task), begins(says), life(std::move(receiver))
    {
    }

    const Id id;
    const bool begins; // it begins by its onStart
    const std::shared_ptr<Lifetime> life;
    // Of work that begins by its onStart, what comes first decides: that it is to begin, or that it is over. Over is
    // also work that the application has ended.
    std::atomic<int> phase = Waits;
    std::atomic<bool> asked = false; // to stop
    std::atomic<bool> gone = false; // the callback that would tell it to

    bool isFirst(Phase becomes)
    {
        int waits = Waits;
        return phase.compare_exchange_strong(waits, becomes);
    }
    bool isOver() const { return phase == Over; }

    // Whether this is the thread on which it is told.
    bool isHere() const
    {
        const std::lock_guard lock(life->mutex);
        auto *thread = life->any ? managerThread() : life->object && life->guard ? life->object->thread() : nullptr;
        return thread == QThread::currentThread();
    }
};

namespace {

// Where a callback goes with its receiver, nothing is there that would begin the work, or stop it.
void receiverGone(const ExternalWork &work)
{
    cancelTaskFor(work.id, static_cast<std::uint8_t>(CancelReason::OwnerGone));
}

class Start final : public Callback {
public:
    Start(std::shared_ptr<ExternalWork> work, std::function<void()> f) : m_work(std::move(work)), m_f(std::move(f)) { }
    ~Start() override
    {
        if (m_work->phase == ExternalWork::Waits)
            receiverGone(*m_work);
    }

    void call(const Notice &) override
    {
        // With KeyPolicy::Keep it is another task that starts: this one was not made.
        if (status(m_work->id) == Status::UnknownTask || !m_work->isFirst(ExternalWork::Begun))
            return;
        // What it throws is the task's failure: nothing was begun that would end it.
        try {
            m_f();
        } catch (const Cancelled &) {
            endExternalAsCancelled(m_work->id);
        } catch (const std::exception &error) {
            failExternal(m_work->id, QString::fromUtf8(error.what()), {});
        } catch (...) {
            failExternal(m_work->id, QStringLiteral("onStart threw what is no std::exception"), {});
        }
    }

private:
    const std::shared_ptr<ExternalWork> m_work;
    const std::function<void()> m_f;
};

class Stop final : public Callback {
public:
    Stop(std::shared_ptr<ExternalWork> work, std::function<void()> f) : m_work(std::move(work)), m_f(std::move(f)) { }
    ~Stop() override
    {
        if (m_called || m_work->isOver())
            return;
        m_work->gone = true;
        if (m_work->asked)
            endExternalAsCancelled(m_work->id);
        else
            receiverGone(*m_work);
    }

    void call(const Notice &) override
    {
        // It may have been ended while this was on its way.
        if (std::exchange(m_called, true) || m_work->isOver())
            return;
        if (m_f)
            m_f();
    }

private:
    const std::shared_ptr<ExternalWork> m_work;
    const std::function<void()> m_f;
    bool m_called = false;
};

} // namespace

Stopper::Stopper(std::shared_ptr<ExternalWork> work, std::shared_ptr<Connection> connection)
    : m_work(std::move(work)), m_connection(std::move(connection))
{
}

Stopper::~Stopper() { release(std::move(m_connection)); }

void Stopper::stop() const noexcept
{
    if (m_work->begins && m_work->isFirst(ExternalWork::Over)) {
        // There is nothing to stop, and nothing that would end it.
        endExternalAsCancelled(m_work->id);
        return;
    }
    // Before it is looked whether the callback is there: `~Stop` does both in the other order, so one sees the other.
    m_work->asked = true;
    if (m_work->gone) {
        endExternalAsCancelled(m_work->id);
        return;
    }
    deliver(m_connection, {}, false);
    const auto shutdown = static_cast<std::uint8_t>(CancelReason::Shutdown);
    if (!m_work->isOver() && externalReason(m_work->id) == shutdown && m_work->isHere()) {
        // The event loop, by which the end would come, stands still until the shutdown is over.
        endExternalAsCancelled(m_work->id);
    }
}

struct ExternalTask::Private {
    std::shared_ptr<ExternalWork> work; // null for one that was refused
    QObject *context = nullptr; // lives on the thread that made the task, if no receiver was given
    Handle handle;
};

template<typename Submit>
void ExternalTask::make(QObject *receiver, quint64 owner, std::function<void()> onStart, std::function<void()> onStop,
                        Submit submit)
{
    // A thread that makes tasks without ever running an event loop is not to pile them up.
    destroyResults();
    auto reserved = reserveTask();
    if (!reserved.error.isEmpty()) {
        d->handle = handleOf(std::move(reserved), owner);
        return;
    }
    if (!receiver && QAbstractEventDispatcher::instance())
        receiver = d->context = new QObject;
    const auto work = std::make_shared<ExternalWork>(reserved.id, onStart != nullptr, lifetimeOf(receiver));
    std::unique_ptr<Listener> start;
    if (onStart)
        start = makeListener(receiver, std::make_unique<Start>(work, std::move(onStart)), 0, 0);
    auto stop = std::make_shared<Connection>(work->life, std::make_unique<Stop>(work, std::move(onStop)), 0);
    d->handle = handleOf(submit(work->id, std::move(start), std::make_unique<Stopper>(work, std::move(stop))), owner);
    // With KeyPolicy::Keep it may be another's.
    if (d->handle.id() == work->id)
        d->work = work;
}

ExternalTask::ExternalTask(QObject *receiver, const Spec &spec, std::function<void()> onStart,
                           std::function<void()> onStop)
    : d(std::make_unique<Private>())
{
    const auto bridged = bridgeSpec(spec);
    make(receiver, bridged.owner, std::move(onStart), std::move(onStop), [&](Id id, auto &&start, auto &&stop) {
        return submitExternal(id, bridged, std::move(start), std::move(stop));
    });
}

ExternalTask::ExternalTask(QObject *receiver, const QVariantMap &options, quint64 owner, quint16 site,
                           std::function<void()> onStart, std::function<void()> onStop)
    : d(std::make_unique<Private>())
{
    make(receiver, owner, std::move(onStart), std::move(onStop), [&](Id id, auto &&start, auto &&stop) {
        return submitExternalWith(id, options, owner, site, std::move(start), std::move(stop));
    });
}

ExternalTask::~ExternalTask()
{
    fail(QStringLiteral("its handle was dropped without an end: nobody would end it"), {});
    if (!d->context)
        return;
    if (d->context->thread() == QThread::currentThread())
        delete d->context;
    else
        d->context->deleteLater();
}

const Handle &ExternalTask::task() const { return d->handle; }

bool ExternalTask::isMade() const { return d->work != nullptr; }

bool ExternalTask::complete(ReturnValue &&result)
{
    if (!d->work)
        return false;
    d->work->phase = ExternalWork::Over;
    const auto kind = result.kind == ReturnValue::Value ? 0 : 2 + result.kind;
    return completeExternal(d->work->id,
                            {static_cast<std::uint8_t>(kind), std::move(result.value), result.number, {}, {}, 0, 0});
}

bool ExternalTask::complete(const QVariant &value, QString &wrong)
{
    if (!d->work)
        return false;
    d->work->phase = ExternalWork::Over;
    const auto end = completeExternalWith(d->work->id, value);
    wrong = end.wrong;
    return end.ends;
}

bool ExternalTask::fail(const QString &message, const QString &origin)
{
    if (!d->work)
        return false;
    d->work->phase = ExternalWork::Over;
    return failExternal(d->work->id, message, origin);
}

CancelReason ExternalTask::reason() const
{
    return d->handle.isNull() ? CancelReason::None : static_cast<CancelReason>(externalReason(d->handle.id()));
}

void ExternalTask::report(double value) const
{
    if (d->work)
        externalProgress(d->work->id, value);
}

void ExternalTask::report(double value, const QString &message) const
{
    if (d->work)
        externalProgressText(d->work->id, value, message);
}

void ExternalTask::report(double done, double total, const QString &unit) const
{
    if (d->work)
        externalAmount(d->work->id, done, total, unit);
}

void ExternalTask::report(const QString &message) const
{
    if (d->work)
        externalMessage(d->work->id, message);
}

} // namespace legwork::detail
