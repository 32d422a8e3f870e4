#include "script.h"

#include "interpreted.h"
#include "scripthost.h"

#include "legwork/src/qt/script.cxx.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRegularExpression>
#include <QtCore/QStringList>
#include <QtCore/QThread>
#include <QtCore/QUrl>
#include <QtQml/QJSManagedValue>
#include <QtQml/QJSValueIterator>

#include <algorithm>
#include <utility>
#include <vector>

namespace legwork {

// ---- where a module is ---------------------------------------------------------------------------

ScriptModule scriptModule(const QString &module)
{
    ScriptModule answer;
    const QUrl url(module);
    if (module.startsWith(QLatin1String(":/")) || QDir::isAbsolutePath(module)) {
        answer.file = module;
    } else if (url.scheme() == QLatin1String("qrc")) {
        answer.file = QLatin1Char(':') + url.path();
    } else if (url.isLocalFile()) {
        answer.file = url.toLocalFile();
    } else if (url.scheme().isEmpty()) {
        answer.error = QStringLiteral("the module \"%1\" is relative; expected a whole URL, such as "
                                      "Qt.resolvedUrl(\"work.mjs\") gives, or an absolute path")
                           .arg(module.left(100));
    } else {
        answer.error = QStringLiteral("the module \"%1\" cannot be loaded from \"%2:\"; expected a file: or qrc: URL")
                           .arg(module.left(100), url.scheme());
    }
    return answer;
}

// ---- from another thread -------------------------------------------------------------------------

void Interrupter::interrupt() const noexcept
{
    const std::lock_guard lock(m_mutex);
    m_interrupted = true;
    if (m_engine)
        m_engine->setInterrupted(true);
}

std::shared_ptr<Interrupter> newInterrupter() { return std::make_shared<Interrupter>(); }

// ---- a module's engine ---------------------------------------------------------------------------

// One for each module, as what an engine loads after its first call is slow (interpreted.h).
struct ScriptEngine {
    const QString file;
    QJSEngine engine;
    // The module's exports, once it is loaded.
    QJSValue module;
    // Makes the context of a call around its host, which scripts do not see.
    QJSValue makeContext;
    // Tells what becomes of a promise.
    QJSValue watch;
    // The text of what was thrown and is no Error.
    QJSValue describe;

    explicit ScriptEngine(const QString &file) : file(file)
    {
        engine.installExtensions(QJSEngine::ConsoleExtension);
        makeContext = engine.evaluate(QStringLiteral(R"((host => Object.freeze({
            get cancelled() { return host.cancelled },
            get taskId() { return host.taskId },
            get iteration() { return host.iteration },
            get attempt() { return host.attempt },
            progress(value, message, unit) { host.progress(value, message, unit) },
            send(value) { host.send(value) },
            sleep(ms) { host.sleep(ms) },
            blocking(work) {
                host.beginBlocking()
                try {
                    return work()
                } finally {
                    host.endBlocking()
                }
            },
        })))"));
        watch = engine.evaluate(QStringLiteral(R"((promise => {
            const seen = { state: 0, value: undefined }
            promise.then(value => { seen.state = 1; seen.value = value },
                         error => { seen.state = 2; seen.value = error })
            return seen
        }))"));
        describe = engine.evaluate(QStringLiteral(R"(((stringify, text, most) => thrown => {
            if (thrown === null || typeof thrown !== "object")
                return text(thrown)
            try {
                if (typeof thrown.message === "string" && thrown.message !== "")
                    return thrown.message
                // A list that came from outside is no Array to each Qt.
                const isList = Array.isArray(thrown) || typeof thrown.length === "number" && !(thrown instanceof String)
                    && typeof thrown[Symbol.iterator] === "function"
                const own = isList ? "[object Array]" : text(thrown)
                const shown = own.startsWith("[object ") ? stringify(isList ? Array.from(thrown) : thrown) : own
                return shown.length > most ? shown.slice(0, most) + "…" : shown
            } catch (error) {
                return "an object that JSON cannot show"
            }
        })(JSON.stringify, String, 300))"));
        // What one script leaves behind in the global object, the next one of this worker would find, and
        // one of another worker would not.
        engine.evaluate(QStringLiteral("Object.freeze(this)"));
    }
};

namespace {

// How long a chain of promises may be.
constexpr int maxReactions = 10'000;

// How many engines a thread keeps.
constexpr std::size_t mostSpares = 8;

// Between calls, the one that was used last at the end. Destroyed as the thread ends, on it; left alone where
// there is no application any more. The application's own thread, which runs scripts by a virtual clock, ends after
// that: there they go with the application.
struct Spares {
    std::vector<std::unique_ptr<ScriptEngine>> engines;
    bool endWithApplication = false;

    std::unique_ptr<ScriptEngine> take(const QString &file)
    {
        const auto found =
            std::find_if(engines.begin(), engines.end(), [&file](const auto &engine) { return engine->file == file; });
        if (found == engines.end())
            return nullptr;
        auto engine = std::move(*found);
        engines.erase(found);
        return engine;
    }

    // With a hold on the application.
    void give(std::unique_ptr<ScriptEngine> engine)
    {
        if (!endWithApplication && QThread::currentThread() == QCoreApplication::instance()->thread()) {
            endWithApplication = true;
            qAddPostRoutine(dropAll);
        }
        engines.push_back(std::move(engine));
        if (engines.size() > mostSpares)
            engines.erase(engines.begin());
    }

    // Those of the calling thread.
    static void dropAll();

    ~Spares()
    {
        if (endWithApplication)
            qRemovePostRoutine(dropAll);
        const ApplicationHold hold;
        for (auto &engine : engines) {
            if (!hold.isTaken())
                static_cast<void>(engine.release());
        }
        engines.clear();
    }
};

thread_local Spares spares;

void Spares::dropAll()
{
    spares.engines.clear();
    spares.endWithApplication = false;
}

} // namespace

std::unique_ptr<ScriptCall> beginScript(std::shared_ptr<Interrupter> interrupter, const QString &file)
{
    auto hold = std::make_unique<ApplicationHold>();
    if (!hold->isTaken())
        return nullptr;
    // Absent, too, where a call of this module is under way on this thread and waits for another task here.
    auto engine = spares.take(file);
    if (!engine)
        engine = std::make_unique<ScriptEngine>(file);
    holdProcess();
    return std::make_unique<ScriptCall>(std::move(hold), std::move(interrupter), std::move(engine));
}

// ---- a call --------------------------------------------------------------------------------------

ScriptCall::ScriptCall(std::unique_ptr<ApplicationHold> hold, std::shared_ptr<Interrupter> interrupter,
                       std::unique_ptr<ScriptEngine> engine)
    : m_hold(std::move(hold)), m_interrupter(std::move(interrupter)), m_engine(std::move(engine))
{
    if (!mayInterpret())
        return;
    const std::lock_guard lock(m_interrupter->m_mutex);
    m_interrupter->m_engine = &m_engine->engine;
    if (m_interrupter->m_interrupted)
        m_engine->engine.setInterrupted(true);
}

ScriptCall::~ScriptCall()
{
    bool interrupted = false;
    {
        const std::lock_guard lock(m_interrupter->m_mutex);
        m_interrupter->m_engine = nullptr;
        interrupted = m_interrupter->m_interrupted;
    }
    // One that was interrupted, maybe in the middle of loading a module, is not used again.
    if (!interrupted && !m_spoilt)
        spares.give(std::move(m_engine));
}

ScriptFault ScriptCall::fault(const QJSValue &error) const
{
    ScriptFault fault;
    fault.failed = true;
    fault.line = 0;
    // What is no Error may say it, too. 100 years are more than anybody waits.
    constexpr double most = 3'153'600'000'000.0;
    const auto after = error.property(QStringLiteral("retryAfterMs"));
    if (error.property(QStringLiteral("permanent")).toBool()) {
        fault.again = 1;
    } else if (after.isNumber() && after.toNumber() >= 0) {
        fault.again = 2;
        fault.again_after_ms = std::min(after.toNumber(), most);
    }
    if (!error.isError()) {
        fault.message = m_engine->describe.call({error}).toString();
        return fault;
    }
    fault.message = error.toString();
    // "Error: " says nothing that the kind of the failure does not say.
    if (error.property(QStringLiteral("name")).toString() == QLatin1String("Error"))
        fault.message = error.property(QStringLiteral("message")).toString();
    fault.file = error.property(QStringLiteral("fileName")).toString();
    fault.line = error.property(QStringLiteral("lineNumber")).toUInt();
    fault.stack = error.property(QStringLiteral("stack")).toString();
    if (!fault.file.isEmpty())
        return fault;
    // It was thrown by the context, and the context's own lines tell nobody anything: those of its caller do.
    static const auto &frame =
        *new QRegularExpression(QStringLiteral("@(.+):(\\d+)$"), QRegularExpression::MultilineOption);
    if (const auto caller = frame.match(fault.stack); caller.hasMatch()) {
        fault.file = caller.captured(1);
        fault.line = caller.captured(2).toUInt();
    }
    return fault;
}

// The module's exports.
QJSValue ScriptCall::load(ScriptFault &wrong)
{
    if (m_engine->module.isObject())
        return m_engine->module;
    const auto &file = m_engine->file;
    if (!QFile::exists(file)) {
        wrong.failed = true;
        wrong.message = QStringLiteral("there is no module \"%1\"").arg(file);
        return {};
    }
    // Until all is well: one that threw as it was loaded would be there the next time, without what it did
    // not define.
    m_spoilt = true;
    auto &engine = m_engine->engine;
    QJSValue module;
    {
        const NothingCompiled guard;
        module = engine.importModule(file);
    }
    if (engine.hasError())
        wrong = fault(engine.catchError());
    else if (engine.isInterrupted())
        wrong = interrupted();
    else if (module.isError() || !module.isObject())
        wrong = fault(module);
    if (wrong.failed)
        return {};
    interpretOnly(engine);
    m_spoilt = false;
    return m_engine->module = module;
}

QJSValue ScriptCall::call(const QJSValue &function, const QJSValueList &arguments, ScriptFault &wrong)
{
    auto &engine = m_engine->engine;
    if (mayInterpret()) {
        // It tells what was thrown from what was returned.
        auto value = QJSManagedValue(function, &engine).call(arguments);
        if (engine.hasError())
            wrong = fault(engine.catchError());
        else if (engine.isInterrupted())
            wrong = interrupted();
        return value;
    }
    // Compiled code may return no value beside what it throws, which this one copes with.
    auto value = function.call(arguments);
    if (value.isError())
        wrong = fault(value);
    return value;
}

// A promise's value. Reactions are posted as events of this thread, and nothing else is: there are no
// timers, so that one which is open when they are done stays open. Qt sends, each time, what was posted
// until then, and does not tell whether there is more: hence the number.
QJSValue ScriptCall::settled(const QJSValue &promise, ScriptFault &wrong)
{
    const auto seen = m_engine->watch.call({promise});
    int state = 0;
    for (int step = 0; step < maxReactions && state == 0 && !m_engine->engine.isInterrupted(); ++step) {
        QCoreApplication::sendPostedEvents(nullptr, 0);
        state = seen.property(QStringLiteral("state")).toInt();
    }
    const auto value = seen.property(QStringLiteral("value"));
    if (state == 2)
        wrong = fault(value);
    if (state == 0) {
        wrong.failed = true;
        wrong.message = QStringLiteral("the function returned a promise that nothing settles, or not within %1 "
                                       "reactions; on a worker there are no timers and no network")
                            .arg(maxReactions);
    }
    return value;
}

// A copy that belongs to the engine. Lists and maps by hand: a newer Qt makes of a QVariantList what is no Array.
static QJSValue scriptValue(QJSEngine &engine, const QVariant &value)
{
    if (value.metaType() == QMetaType::fromType<QVariantList>()) {
        const auto list = value.toList();
        auto array = engine.newArray(static_cast<uint>(list.size()));
        for (qsizetype at = 0; at < list.size(); ++at)
            array.setProperty(static_cast<quint32>(at), scriptValue(engine, list[at]));
        return array;
    }
    if (value.metaType() == QMetaType::fromType<QVariantMap>()) {
        auto object = engine.newObject();
        const auto map = value.toMap();
        for (auto entry = map.begin(); entry != map.end(); ++entry)
            object.setProperty(entry.key(), scriptValue(engine, entry.value()));
        return object;
    }
    return engine.toScriptValue(value);
}

ScriptFault ScriptCall::run(const ScriptRun &run, const QString &function, const QVariantList &arguments,
                            QVariant &result)
{
    ScriptFault wrong;
    wrong.failed = false;
    wrong.line = 0;
    auto &engine = m_engine->engine;
    const auto module = load(wrong);
    if (wrong.failed)
        return wrong;
    const auto callable = module.property(function);
    if (!callable.isCallable()) {
        QStringList exported;
        QJSValueIterator entry(module);
        while (entry.next()) {
            if (entry.value().isCallable())
                exported.append(entry.name());
        }
        if (exported.size() > 20)
            exported = exported.mid(0, 20) << QStringLiteral("…");
        wrong.failed = true;
        wrong.message = QStringLiteral("the module \"%1\" exports no function \"%2\"; it exports: %3")
                            .arg(m_engine->file, function.left(100),
                                 exported.isEmpty() ? QStringLiteral("none") : exported.join(QStringLiteral(", ")));
        return wrong;
    }
    // On this frame: a context that a script keeps has nobody behind it afterwards.
    ScriptHost host(run);
    QJSEngine::setObjectOwnership(&host, QJSEngine::CppOwnership);
    QJSValueList values;
    for (const auto &argument : arguments)
        values.append(scriptValue(engine, argument));
    values.append(m_engine->makeContext.call({engine.newQObject(&host)}));
    auto value = call(callable, values, wrong);
    if (wrong.failed)
        return wrong;
    if (value.isObject() && value.property(QStringLiteral("then")).isCallable()) {
        value = settled(value, wrong);
        if (wrong.failed)
            return wrong;
    }
    result = QVariant::fromValue(value);
    return wrong;
}

ScriptFault ScriptCall::interrupted() const
{
    ScriptFault fault;
    fault.failed = m_engine->engine.isInterrupted();
    fault.line = 0;
    if (fault.failed)
        fault.message = QStringLiteral("interrupted");
    return fault;
}

} // namespace legwork
