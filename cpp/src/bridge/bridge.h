// The bridge between C++ and Rust: what Rust calls of C++, and what the files of this folder share. What C++ calls of
// Rust is in calls.h. Nothing unwinds across it.
#ifndef LEGWORK_BRIDGE_H
#define LEGWORK_BRIDGE_H

#include "legwork/detail.h"
#include "legwork/lifetimes.h"
#include "legwork/pending.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <typeinfo>
#include <utility>

namespace legwork::detail {

// Defined by the bridges, src/qt/bridge_*.rs.
struct BridgeOutcome;
struct BridgeNotice;
struct BridgeWork;
struct BridgeSpec;
struct BridgeTask;

std::shared_ptr<ResultValue> resultOfVariant(const QVariant &variant) noexcept;
std::shared_ptr<ResultValue> resultOfBool(bool value) noexcept;
std::shared_ptr<ResultValue> resultOfInt(std::int32_t value) noexcept;
std::shared_ptr<ResultValue> resultOfDouble(double value) noexcept;
// The results of a group, one after the other.
std::unique_ptr<ResultList> newList(std::size_t count) noexcept;
void addPart(ResultList &list, std::shared_ptr<ResultValue> part) noexcept;
std::shared_ptr<ResultValue> resultOfList(std::unique_ptr<ResultList> list) noexcept;
QVariant variantOfResult(const ResultValue &result) noexcept;
std::int64_t bytesOfResult(const ResultValue &result) noexcept;

// A body takes the result of the task that it comes after.
void giveResult(Body &body, std::shared_ptr<ResultValue> result) noexcept;
BridgeOutcome runBody(Body &body, const RustContext &context) noexcept;
// What was returned, or is sent, as it crosses.
BridgeOutcome outcomeOf(ReturnValue &&value);
BridgeOutcome runJob(const JobBody &job, const RustContext &context, const QVariant &args) noexcept;

// What each worker's thread does as it starts; never destroyed.
class ThreadStart {
public:
    explicit ThreadStart(std::function<void()> start) : m_start(std::move(start)) { }
    Q_DISABLE_COPY_MOVE(ThreadStart)

    void call() const noexcept;

private:
    const std::function<void()> m_start;
};

// What a submission says, as it crosses; and what comes of it.
BridgeSpec bridgeSpec(const Spec &spec);
Handle handleOf(BridgeTask &&task, quint64 owner);

// What is refused is destroyed before the call returns.
Handle submitJob(const QString &job, const QVariantList &args, const Spec &spec);
Handle submitScript(const QUrl &module, const QString &function, const QVariantList &args, const Spec &spec);

// A job by its name, or a function of a script.
BridgeWork workOf(const QString &job);
BridgeWork workOf(const QVariant &module, const QString &function);

// As C++ writes it.
QString nameOfType(const std::type_info &type);

// The engine's end of a Connection.
class Listener {
public:
    Listener(std::shared_ptr<Connection> connection, std::uint16_t notices);
    ~Listener();
    Q_DISABLE_COPY_MOVE(Listener)

    std::uint16_t notices() const { return m_notices; }
    void call(BridgeNotice notice) noexcept;

private:
    std::shared_ptr<Connection> m_connection;
    std::uint16_t m_notices;
};

// The one that has a callback called on its receiver's thread; null for none. A null receiver stands for the manager's
// thread.
std::unique_ptr<Listener> makeListener(QObject *receiver, std::shared_ptr<Callback> callback, quint16 notices,
                                       quint64 owner);

struct ExternalWork;

// The engine's end of what tells the work of an external task to stop: called once, by the thread that asks for it.
class Stopper {
public:
    Stopper(std::shared_ptr<ExternalWork> work, std::shared_ptr<Connection> connection);
    ~Stopper();
    Q_DISABLE_COPY_MOVE(Stopper)

    void stop() const noexcept;

private:
    const std::shared_ptr<ExternalWork> m_work;
    std::shared_ptr<Connection> m_connection;
};

// The engine's end of an EndHook; counts for its owner until it is gone.
class Hook {
public:
    Hook(std::unique_ptr<EndHook> hook, quint64 owner);
    ~Hook();
    Q_DISABLE_COPY_MOVE(Hook)

    void ended(BridgeNotice notice) noexcept;

private:
    Pending m_pending; // first, so that it goes last
    std::unique_ptr<EndHook> m_hook;
};

// The engine's end of a Follower; counts for its owner until it is gone.
class Following {
public:
    Following(std::unique_ptr<Follower> follower, quint64 owner);
    ~Following();
    Q_DISABLE_COPY_MOVE(Following)

    // From several threads at once.
    bool report(std::uint64_t number, double value, const QString &message) const noexcept;

private:
    Pending m_pending; // first, so that it goes last
    std::unique_ptr<Follower> m_follower;
};

// A body begins on this thread, and ends. After the outermost one, what it has left to be deleted later is deleted, and
// what it has posted to objects of this thread is delivered: there is no event loop to do it.
void enterBody() noexcept;
void leaveBody() noexcept;

} // namespace legwork::detail

#endif
