#include "calls_cpp.h"

#include <QtCore/QFutureWatcher>
#include <QtCore/QPointer>
#include <QtCore/QThread>
#include <QtCore/QTimer>

#include <stdexcept>

using namespace std::chrono_literals;
using legwork::Priority;

namespace soak {

namespace {

constexpr std::size_t mostTasks = 48;
constexpr std::size_t mostOwners = 6;

// A receiver that goes by itself, in a callback or soon.
QObject *shortLived(Dice &dice, QObject *parent)
{
    auto *object = new QObject(parent);
    QTimer::singleShot(dice.below(30), object, [object] { delete object; });
    return object;
}

legwork::Coroutine wait(legwork::Task<int> task, QObject *receiver, bool throws)
{
    const auto text = QString::number(co_await task.on(receiver));
    const auto second = legwork::Task<int>(task);
    const int sum = co_await second.on(receiver) + static_cast<int>(text.size());
    if (throws && sum > 0)
        throw std::runtime_error("out of a coroutine");
}

} // namespace

CallsCpp::CallsCpp(quint64 seed, Books &books, const QString &name)
    : m_books(books), m_keys{QStringLiteral("disk") + name, QStringLiteral("net") + name,
                             QStringLiteral("save") + name},
      m_dice(seed)
{
    m_tasks.resize(mostTasks);
}

void CallsCpp::step()
{
    switch (m_dice.below(32)) {
    case 0:
        return later();
    case 1:
        return m_dice.once(4) ? periodic() : run();
    case 2:
        return script();
    case 3:
        return stream();
    case 4:
    case 5:
        return external();
    case 6:
        return m_dice.once(20) ? process() : large();
    case 7:
    case 8:
        return then();
    case 9:
    case 10:
        return group();
    case 11:
        return future();
    case 12:
        return coroutine();
    case 13:
        return refusals();
    case 14:
    case 15:
    case 16:
    case 17:
        return control();
    case 18:
        return owners();
    default:
        return run();
    }
}

// ---- what calls are made with --------------------------------------------------------------------

QObject *CallsCpp::object() { return m_owners.empty() ? nullptr : m_owners[m_dice.next() % m_owners.size()].get(); }

QObject *CallsCpp::owner() { return m_dice.once(3) ? object() : nullptr; }

const legwork::Task<int> &CallsCpp::task() { return m_tasks[m_dice.next() % m_tasks.size()]; }

template<typename Options> void CallsCpp::common(Options &options)
{
    options.name = QStringLiteral("soak %1").arg(m_dice.below(8));
    options.priority = m_dice.of({Priority::High, Priority::Normal, Priority::Normal, Priority::Low});
    options.owner = owner();
    options.detached = m_dice.once(10);
    options.transient = m_dice.once(10);
    options.system = m_dice.once(20);
    options.keepResult = !m_dice.once(3);
    options.weight = 1 + m_dice.below(3);
    if (m_dice.once(10))
        options.timeout = std::chrono::milliseconds(1 + m_dice.below(20));
    if (m_dice.once(10) && task().isValid())
        options.after = {task()};
    if (m_dice.once(4))
        options.afterPolicy = legwork::AfterPolicy::Ended;
}

legwork::TaskOptions CallsCpp::options()
{
    legwork::TaskOptions options{};
    common(options);
    options.mustRun = m_dice.once(12);
    options.mayBlock = m_dice.once(8);
    options.pausable = m_dice.once(4);
    options.maxUndelivered = m_dice.of({1u, 5u, 1'000u});
    options.whenFull = m_dice.of({legwork::WhenFull::Wait, legwork::WhenFull::DropOldest, legwork::WhenFull::Conflate});
    if (m_dice.once(12))
        options.startTimeout = std::chrono::milliseconds(1 + m_dice.below(30));
    if (m_dice.once(15))
        options.warnAfter = 1ms;
    if (m_dice.once(5)) {
        options.key = m_keys[m_dice.below(3)];
        options.keyPolicy = m_dice.of({legwork::KeyPolicy::Append, legwork::KeyPolicy::Replace,
                                       legwork::KeyPolicy::KeepLatest, legwork::KeyPolicy::Keep});
        // On another thread the task that is found might be done with before the books hear of it again.
        if (options.keyPolicy == legwork::KeyPolicy::Keep && QThread::currentThread() != m_books.thread())
            options.keyPolicy = legwork::KeyPolicy::Append;
        options.keyLimit = m_dice.once(8) ? 2 : 1; // where it differs from that of the others, it is refused
    }
    if (m_dice.once(6)) {
        options.retry.times = static_cast<quint32>(1 + m_dice.below(3));
        options.retry.delay = std::chrono::milliseconds(m_dice.below(10));
        options.retry.onTimeout = m_dice.once(2);
        options.retry.backoff = m_dice.of({legwork::Backoff::Exponential, legwork::Backoff::Fixed});
    }
    return options;
}

legwork::PeriodicOptions CallsCpp::periodicOptions()
{
    legwork::PeriodicOptions options{};
    common(options);
    options.pausable = m_dice.once(4);
    options.rate = m_dice.of({legwork::Rate::FixedDelay, legwork::Rate::FixedRate});
    options.misfire = m_dice.of({legwork::Misfire::Skip, legwork::Misfire::RunOnce});
    options.firstRun = m_dice.of({legwork::FirstRun::AtOnce, legwork::FirstRun::AfterInterval});
    options.maxRuns = static_cast<quint64>(1 + m_dice.below(30));
    options.maxFailures = static_cast<quint32>(m_dice.below(3));
    options.retry.times = m_dice.once(6) ? 1 : 0;
    options.retry.delay = 2ms;
    if (m_dice.once(6))
        options.until = QDateTime::currentDateTime().addMSecs(m_dice.below(200));
    return options;
}

legwork::GroupOptions CallsCpp::groupOptions()
{
    legwork::GroupOptions options{};
    common(options);
    options.mustRun = m_dice.once(12);
    options.errorPolicy = m_dice.of({legwork::ErrorPolicy::StopOnError, legwork::ErrorPolicy::ContinueOnError});
    return options;
}

// ---- who hears of them ---------------------------------------------------------------------------

void CallsCpp::keep(const legwork::Task<int> &task, const QObject *owner)
{
    m_books.enter(Face::Cpp, task, !owner);
    if (!task.isValid())
        return;
    hear(task);
    if (m_dice.once(2))
        m_tasks[m_next++ % m_tasks.size()] = task;
}

void CallsCpp::hear(const legwork::Task<int> &task)
{
    auto *receiver = object();
    if (!receiver)
        return;
    switch (m_dice.below(12)) {
    case 0: {
        // The receiver is deleted within its own callback, in the middle of those of the task.
        const QPointer<QObject> gone = new QObject(this);
        const auto end = [this, gone] {
            if (!gone)
                m_books.fault(QStringLiteral("a callback was called whose receiver is deleted"));
            delete gone;
        };
        task.onStarted(gone.data(), end).onEnd(gone.data(), end).onComplete(gone.data(), end);
        return;
    }
    case 1:
        task.onEnd(shortLived(m_dice, this), [] {});
        return;
    case 2:
        task.onComplete(receiver, [](int) { throw std::runtime_error("out of a callback"); });
        return;
    case 3:
        task.onEnd(receiver, [] { throw 1; });
        return;
    case 4:
        task.onError(receiver, [](const legwork::TaskError &) {}).onCancelled(receiver, [] {});
        return;
    case 5:
        task.onProgress(receiver, [](double, const QString &) {}).onValues<int>(receiver, [](const QList<int> &) {});
        return;
    case 6:
        // It makes the next task, and waits a little for it.
        task.onEnd(receiver, [this] {
            const auto next = legwork::run([] { return 1; });
            m_books.enter(Face::Cpp, next, true);
            if (m_dice.once(4))
                next.wait(1ms);
        });
        return;
    case 7:
        task.onRetry(receiver, [] {}).onSlow(receiver, [] {}).onPaused(receiver, [] {}).onResumed(receiver, [] {});
        return;
    case 8:
        // All that is of its owner goes, in a callback of one of its tasks.
        if (m_dice.once(10)) {
            auto *gone = new QObject(this);
            keep(legwork::run(Work(m_dice, m_books), {.owner = gone}), gone);
            const auto last = legwork::run(Work(m_dice, m_books), {.owner = gone});
            m_books.enter(Face::Cpp, last, false);
            last.onEnd(gone, [gone] { delete gone; });
        }
        return;
    default:
        return;
    }
}

// ---- submissions ---------------------------------------------------------------------------------

void CallsCpp::run()
{
    if (m_dice.once(4)) {
        keep(legwork::run([size = m_dice.below(100)] { return size; }), nullptr);
        return;
    }
    const auto made = options();
    keep(legwork::run(Work(m_dice, m_books), made), made.owner);
}

void CallsCpp::later()
{
    const auto made = options();
    keep(legwork::runLater(std::chrono::milliseconds(m_dice.below(60)), Work(m_dice, m_books), made), made.owner);
}

void CallsCpp::periodic()
{
    const auto made = periodicOptions();
    keep(legwork::runPeriodic(std::chrono::milliseconds(1 + m_dice.below(20)), Work(m_dice, m_books), made),
         made.owner);
}

void CallsCpp::script()
{
    auto made = options();
    const QUrl module(QStringLiteral("qrc:/soak/work.mjs"));
    const auto size = m_dice.below(30);
    switch (m_dice.below(10)) {
    case 0:
        m_books.enter(Face::Cpp, legwork::runScript(module, QStringLiteral("fails"), {}, made), !made.owner);
        return;
    case 1:
        // It is interrupted by its time-out.
        made.timeout = std::chrono::milliseconds(1 + size);
        m_books.enter(Face::Cpp, legwork::runScript(module, QStringLiteral("endless"), {}, made), !made.owner);
        return;
    case 2:
        m_books.enter(Face::Cpp, legwork::runScript(module, QStringLiteral("missing"), {}, made), !made.owner);
        return;
    case 3:
        m_books.enter(Face::Cpp, legwork::runScript(module, QStringLiteral("sleeps"), {size}, made), !made.owner);
        return;
    default:
        m_books.enter(Face::Cpp, legwork::runScript(module, QStringLiteral("sum"), {QVariantList{1, 2, size}}, made),
                      !made.owner);
    }
}

void CallsCpp::stream()
{
    const auto made = options();
    const int rows = m_dice.below(300);
    const auto fails = m_dice.once(6);
    auto stream = legwork::stream<QString>(
        [rows, fails](legwork::Sender<QString> &sender, legwork::TaskContext &) {
            for (int i = 0; i < rows; ++i) {
                if (!sender.send(QString::number(i)))
                    return;
            }
            if (fails)
                throw std::runtime_error("in the middle of a stream");
        },
        made);
    auto *receiver = object();
    const auto task = receiver ? stream.onValues(receiver, [](const QList<QString> &) {}) : stream.task();
    m_books.enter(Face::Cpp, task, !made.owner);
}

void CallsCpp::external()
{
    legwork::ExternalOptions made{};
    common(made);
    made.mustRun = m_dice.once(12);
    const auto work = std::make_shared<legwork::External<int>>();
    made.onStop = [work] { work->fail(QStringLiteral("it was stopped")); };
    if (m_dice.once(4)) {
        // Its work begins with its turn.
        made.onStart = [work, this, size = m_dice.below(10)] {
            QTimer::singleShot(size, this, [work, size] { work->complete(size); });
        };
    }
    const bool byItself = !made.onStart;
    const auto *owner = made.owner;
    *work = legwork::External<int>(this, std::move(made));
    keep(work->task(), owner);
    // The handle is in what it calls: where it never is called, nobody else would let go.
    QTimer::singleShot(byItself ? m_dice.below(20) : 5'000, this, [work, fails = m_dice.once(4)] {
        if (fails)
            work->fail(QStringLiteral("it failed elsewhere"));
        else
            work->complete(1);
        *work = {};
    });
}

void CallsCpp::process()
{
    legwork::ProcessOptions made{};
    common(made);
    made.killAfter = 100ms;
    const auto seconds = m_dice.once(3);
    const auto task = legwork::process(seconds ? QStringLiteral("sleep") : QStringLiteral("true"),
                                       seconds ? QStringList{QStringLiteral("0.02")} : QStringList(), made);
    m_books.enter(Face::Cpp, task, !made.owner);
}

void CallsCpp::large()
{
    const auto made = options();
    const auto size = 1 + m_dice.below(m_dice.once(10) ? 4'000 : 200);
    const auto task = legwork::run([size] { return soak::large(size); }, made);
    m_books.enter(Face::Cpp, task, !made.owner);
}

void CallsCpp::then()
{
    const auto before = task();
    if (!before.isValid())
        return run();
    const auto made = options();
    // Its owner is that of the first task where the options name none, and that is not known here.
    const auto next = m_dice.once(4)
        ? before.then([](int, legwork::TaskContext &) -> int { throw std::runtime_error("of a result"); }, made)
        : before.then([](int number) { return number + 1; }, made);
    m_books.enter(Face::Cpp, next, false);
    if (m_dice.once(4)) {
        // What cannot be copied goes to one taker.
        const auto unique = legwork::run([] { return std::make_unique<int>(1); });
        const auto taken = unique.then([](std::unique_ptr<int> value) { return *value; });
        m_books.enter(Face::Cpp, unique, true);
        keep(taken, nullptr);
    }
}

void CallsCpp::group()
{
    QList<legwork::Task<int>> members;
    const auto mine = options();
    for (int count = m_dice.below(6); count > 0; --count) {
        if (const auto known = task(); known.isValid() && m_dice.once(3)) {
            members += known;
            continue;
        }
        const auto member = legwork::run(Work(m_dice, m_books), mine);
        m_books.enter(Face::Cpp, member, false);
        if (member.isValid())
            members += member;
    }
    const auto made = groupOptions();
    switch (m_dice.below(3)) {
    case 0:
        // Without an owner it has that of its first task.
        m_books.enter(Face::Cpp, legwork::all(members, made), false);
        return;
    case 1:
        m_books.enter(Face::Cpp, legwork::any(members), false);
        return;
    default: {
        QList<legwork::TaskRef> ids;
        for (const auto &member : members)
            ids += member;
        const auto all = legwork::all(ids, made);
        m_books.enter(Face::Cpp, all, !made.owner);
        if (all.isValid() && m_dice.once(3))
            all.pause(QStringLiteral("a group"));
    }
    }
}

void CallsCpp::future()
{
    const auto made = options();
    const auto task = legwork::run(Work(m_dice, m_books), made);
    keep(task, made.owner);
    auto future = task.future();
    switch (m_dice.below(4)) {
    case 0:
        future.cancel();
        return;
    case 1: {
        auto *watcher = new QFutureWatcher<int>(shortLived(m_dice, this));
        watcher->setFuture(future);
        return;
    }
    case 2:
        future.then([](const QFuture<int> &) {});
        return;
    default:
        return;
    }
}

void CallsCpp::coroutine()
{
    const auto task = legwork::run(Work(m_dice, m_books));
    keep(task, nullptr);
    wait(task, m_dice.once(2) ? shortLived(m_dice, this) : this, m_dice.once(4));
}

void CallsCpp::refusals()
{
    const auto refused = [this](const auto &task) {
        if (task.isValid())
            m_books.fault("it was accepted, and should be refused: " + task.id());
        m_books.enter(Face::Cpp, task, false);
    };
    switch (m_dice.below(6)) {
    case 0:
        return refused(legwork::run(std::function<void()>()));
    case 1:
        return refused(legwork::run([] {}, {.weight = -1}));
    case 2:
        return refused(legwork::run([] {}, {.key = QStringLiteral("disk"), .keyLimit = 0}));
    case 3:
        return refused(legwork::run([] {}, {.after = {QStringLiteral("no task")}}));
    case 4:
        return refused(legwork::runJob(QStringLiteral("no such job")));
    default:
        return refused(legwork::runPeriodic(0ms, [] {}));
    }
}

// ---- all else ------------------------------------------------------------------------------------

void CallsCpp::control()
{
    const auto known = task();
    auto *owner = object();
    switch (m_dice.below(18)) {
    case 0:
    case 1:
        known.cancel();
        return;
    case 2:
        known.cancelIfQueued();
        return;
    case 3:
        known.runNow();
        return;
    case 4:
        known.pause(QStringLiteral("by chance"));
        return;
    case 5:
        known.resume();
        return;
    case 6:
        if (known.canRetry())
            m_books.enter(Face::Cpp, known.retry(), false);
        return;
    case 7:
        known.setPriority(m_dice.of({Priority::High, Priority::Low}));
        return;
    case 8:
        known.setInterval(std::chrono::milliseconds(1 + m_dice.below(50)));
        return;
    case 9:
        known.wait(1ms);
        return;
    case 10:
        legwork::cancelKey(m_keys[m_dice.below(3)], m_dice.once(2) ? owner : nullptr);
        return;
    case 11:
        if (m_dice.once(2))
            legwork::pauseKey(m_keys[m_dice.below(3)], QStringLiteral("a key"), m_dice.once(2) ? owner : nullptr);
        else
            legwork::resumeKey(m_keys[m_dice.below(3)], m_dice.once(2) ? owner : nullptr);
        return;
    case 12:
        if (owner && m_dice.once(3))
            legwork::pauseOwner(owner, QStringLiteral("an owner"));
        else if (owner)
            legwork::resumeOwner(owner);
        return;
    case 13:
        if (owner && m_dice.once(3))
            legwork::setLimits(owner, {.maxRunning = 1, .maxQueued = 20, .maxDelayed = 5});
        else if (owner)
            legwork::setLimits(owner, {});
        return;
    case 14:
        if (m_dice.once(10)) {
            legwork::pauseAll(QStringLiteral("all"));
            QTimer::singleShot(m_dice.below(100), this, [] { legwork::resumeAll(); });
        }
        return;
    case 15:
        if (owner && m_dice.once(10))
            legwork::cancelAll(owner);
        return;
    case 16:
        if (owner)
            legwork::tasksOf(owner);
        legwork::tasksOfKey(m_keys[0]);
        return;
    default:
        if (m_dice.once(20))
            legwork::clearHistory();
        return;
    }
}

void CallsCpp::owners()
{
    if (m_owners.size() < mostOwners) {
        auto made = std::make_unique<QObject>();
        made->setObjectName(QStringLiteral("owner %1").arg(m_dice.below(4)));
        m_owners.push_back(std::move(made));
    } else if (m_dice.once(3)) {
        m_owners.erase(m_owners.begin() + m_dice.below(static_cast<int>(m_owners.size())));
    }
}

void CallsCpp::settle()
{
    legwork::resumeAll();
    for (const auto &key : m_keys) {
        legwork::resumeKey(key);
        for (const auto &owner : m_owners)
            legwork::resumeKey(key, owner.get());
    }
    for (const auto &owner : m_owners) {
        legwork::resumeOwner(owner.get());
        legwork::setLimits(owner.get(), {});
    }
}

void CallsCpp::forget()
{
    m_owners.clear();
    for (auto &task : m_tasks)
        task = {};
}

} // namespace soak
