// The code in README.md, docs/cpp.md and docs/scheduling.md, which quote the parts between `//! [name]` (tests/docs.rs
// compares), and runs them.
#include <legwork/legwork.h>

#include <QtCore/QCryptographicHash>
#include <QtCore/QFile>
#include <QtCore/QFutureWatcher>
#include <QtCore/QPointer>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>
#include <QtWidgets/QLabel>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>

#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;

namespace {

QByteArray hashFile(const QString &path, legwork::TaskContext &context)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error(file.errorString().toStdString());
    QCryptographicHash hash(QCryptographicHash::Sha256);
    while (!file.atEnd()) {
        context.checkpoint();
        hash.addData(file.read(1 << 20));
    }
    return hash.result();
}

qint64 freeSpace() { return 1; }

struct Picture {
    std::vector<char> pixels;
};

//! [size]
qsizetype legworkByteSize(const Picture &picture) { return picture.pixels.size(); }
//! [size]

void limitHistory()
{
    //! [history]
    auto limits = legwork::historyLimits();
    limits.bytes = 16 << 20;
    if (const auto change = legwork::setHistoryLimits(limits); !change)
        qWarning() << change.error;
    legwork::clearHistory();
    //! [history]
}

QVariantMap traceOf(const QString &path)
{
    //! [trace]
    auto *manager = legwork::TaskManager::instance();
    if (!manager->startTrace(path))
        qWarning() << manager->property("lastError");
    legwork::run([] { return 1; }, {.name = "Count"}).wait();
    const QVariantMap report = manager->stopTrace().toMap(); // path, events, lost
    //! [trace]
    return report;
}

QVariantMap statsOf(legwork::TaskManager *manager)
{
    //! [stats]
    manager->collectStats(true);
    legwork::run([] { return 1; }, {.name = "Count"}).wait();
    const auto jobs = manager->stats().toMap()["jobs"].toList();
    const auto running = jobs.first().toMap()["running"].toMap(); // count, p50Ms, p95Ms, maxMs, totalMs
    //! [stats]
    return running;
}

legwork::TaskOptions locatedOptions()
{
    //! [location]
    legwork::TaskOptions options;
    options.location = legwork::SourceLocation::current(); // {.name = …} and TaskOptions options{} know their line
    //! [location]
    return options;
}

QString readFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error(file.errorString().toStdString());
    return QString::fromUtf8(file.readAll());
}

void limit(QObject *owner)
{
    //! [limits]
    if (const auto change = legwork::setLimits(owner, {.maxRunning = 2, .maxQueued = 1'000}); !change)
        qWarning() << change.error;
    //! [limits]
}

// Scales in the background, into its own buffer.
class Scaler : public QObject {
public:
    //! [destructor]
    ~Scaler() override
    {
        legwork::cancelAll(this); // asks them to stop
        legwork::waitForAll(this); // until their bodies have returned, also those that a shutdown has abandoned
    }
    //! [destructor]
    legwork::Task<void> scale(std::atomic<bool> &runs, std::atomic<bool> &returned)
    {
        return legwork::run(
            [this, &runs, &returned](legwork::TaskContext &context) {
                runs = true;
                while (context.sleep(1h)) { }
                QThread::msleep(5);
                m_buffer.fill('x', 1 << 16);
                returned = true;
            },
            {.name = "Scale", .owner = this});
    }

private:
    QByteArray m_buffer;
};

struct Row {
    QByteArrayList columns;
};

Row rowOf(const QByteArray &line) { return {line.trimmed().split(',')}; }

// A device that works by signals, for one page.
class Scanner : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;
    void scan() { emit reached(0.5); }
    void stop() { emit finished({}, "the scan was stopped"); }

signals:
    void reached(double part);
    void finished(const QByteArray &image, const QString &error);
};

class Window : public QWidget {
public:
    void scan();
    void list();
    void hash(const QString &path);
    void watch();
    void errors(const QString &path);
    void exportAll();
    void futures(const QString &path);
    void signals_();
    void preview(const QString &path);
    void refresh();
    void read(const QStringList &paths);
    void thumbnails(const QStringList &paths);
    void add(const QString &text) { texts += text; }
    void order(const QString &path);
    void read(const QString &path);
    void append(const QList<Row> &rows) { numbers += rows.size(); }
    void count(const QString &path);
    void total(const QStringList &paths);
    legwork::Coroutine load(QString path);

    QLabel *label = new QLabel(this);
    QProgressBar *bar = new QProgressBar(this);
    QPushButton *stop = new QPushButton(this);
    QPushButton *pause = new QPushButton(this);
    QFutureWatcher<QByteArray> watcher;
    QString finished;
    QStringList texts;
    QPointer<Scanner> device;
    legwork::Task<QByteArray> scanning;
    legwork::Task<void> reading;
    qsizetype numbers = 0; // of rows
};

void Window::scan()
{
    //! [external]
    auto *scanner = new Scanner(this);
    legwork::External<QByteArray> scan(scanner,
                                       {.name = "Scan",
                                        .key = "scanner", // one at a time
                                        .onStart = [scanner] { scanner->scan(); },
                                        .onStop = [scanner] { scanner->stop(); }});
    connect(scanner, &Scanner::reached, scanner, [scan](double part) { scan.setProgress(part); });
    connect(scanner, &Scanner::finished, scanner, [=](const QByteArray &image, const QString &error) {
        error.isEmpty() ? scan.complete(image) : scan.fail(error);
        scanner->deleteLater();
    });
    scan.task().onComplete(this, [this](const QByteArray &image) { label->setText(image); });
    //! [external]
    scanning = scan.task();
    device = scanner;
}

void Window::list()
{
    //! [process]
    legwork::process("ls", {"/"}, {.name = "List", .timeout = 10s, .owner = this})
        .onComplete(this, [this](const QByteArray &output) { label->setText(QString::fromLocal8Bit(output)); })
        .onError(this, [this](const legwork::TaskError &error) { label->setText(error.message); });
    //! [process]
}

void Window::hash(const QString &path)
{
    //! [ten lines]
    auto task = legwork::run([path](legwork::TaskContext &context) { return hashFile(path, context); },
                             {.name = "Hash", .priority = legwork::Priority::High, .timeout = 10s, .owner = this});
    task.onProgress(this, [this](double value, const QString &) { bar->setValue(qRound(value * 100)); })
        .onComplete(this, [this](const QByteArray &hash) { label->setText(hash.toHex()); })
        .onError(this, [this](const legwork::TaskError &error) { label->setText(error.message); })
        .onCancelled(this, [this] { label->setText("Cancelled"); });
    connect(stop, &QPushButton::clicked, this, [task] { task.cancel(); });
    //! [ten lines]
}

void Window::watch()
{
    //! [later and periodic]
    legwork::runLater(5s, [] { return freeSpace(); });
    legwork::runPeriodic(30s, [] { return freeSpace(); }, {.name = "Free space", .owner = this})
        .onComplete(this, [this](qint64 bytes) { label->setText(locale().formattedDataSize(bytes)); });
    //! [later and periodic]
}

//! [body]
QByteArray compress(const QByteArray &data, legwork::TaskContext &context)
{
    QByteArray out;
    for (qsizetype at = 0; at < data.size(); at += 1 << 20) {
        context.checkpoint(); // throws legwork::Cancelled once the task was asked to stop
        out += qCompress(data.mid(at, 1 << 20));
        context.setProgress(double(at) / double(data.size()), "compressing");
    }
    return out;
}
//! [body]

void Window::errors(const QString &path)
{
    //! [errors]
    legwork::run([path] { return readFile(path); })
        .onComplete(label, &QLabel::setText)
        .onError(this, [this](const legwork::TaskError &error) {
            switch (error.kind) {
            case legwork::ErrorKind::Refused: // it was never accepted
            case legwork::ErrorKind::TimedOut:
                label->setText(error.message);
                break;
            default: // error.exception is what the body threw
                label->setText(error.origin + ": " + error.message);
            }
        });
    //! [errors]
}

void Window::exportAll()
{
    const auto exportRows = [](legwork::TaskContext &context) {
        while (context.sleep(1ms)) { }
    };
    //! [pause]
    const auto exporting = legwork::run(exportRows, {.name = "Export", .owner = this, .pausable = true});
    exporting.onPaused(this, [this](const QString &reason) { label->setText("Paused: " + reason); });
    exporting.onResumed(this, [this] { label->setText("Goes on"); });
    connect(pause, &QPushButton::toggled, this, [exporting](bool on) {
        if (on)
            exporting.pause("by you");
        else
            exporting.resume();
    });
    //! [pause]
}

void Window::futures(const QString &path)
{
    //! [future]
    const auto task = legwork::run([path](legwork::TaskContext &context) { return hashFile(path, context); });
    watcher.setFuture(task.future());
    task.future().then(this, [this](const QByteArray &hash) { label->setText(hash.toHex()); });
    //! [future]
}

//! [coroutine]
legwork::Coroutine Window::load(QString path)
{
    label->setText("Reading");
    try {
        const auto reading = legwork::run([path] { return readFile(path); });
        const auto text = co_await reading.on(this);
        const auto counting = legwork::run([text] { return text.count('\n'); });
        label->setText(QString("%1 lines").arg(co_await counting.on(this)));
    } catch (const std::exception &error) {
        label->setText(error.what());
    }
}
//! [coroutine]

void Window::signals_()
{
    //! [signals]
    using legwork::TaskManager;
    connect(TaskManager::instance(), &TaskManager::taskCompleted, this,
            [this](const QString &id, const QVariant &) { finished = id; });
    //! [signals]
}

void Window::preview(const QString &path)
{
    //! [preview]
    legwork::runLater(300ms, [path] { return readFile(path); },
                      {.owner = this, .key = "preview", .keyPolicy = legwork::KeyPolicy::Replace})
        .onComplete(label, &QLabel::setText);
    //! [preview]
}

void Window::refresh()
{
    //! [refresh]
    legwork::run([] { return freeSpace(); }, {.key = "refresh", .keyPolicy = legwork::KeyPolicy::Keep})
        .onComplete(this, [this](qint64 bytes) { label->setText(locale().formattedDataSize(bytes)); });
    //! [refresh]
}

struct Reply {
    int status;
    QByteArray bytes;
};

//! [kinds of failure]
QByteArray bytesOf(const Reply &reply)
{
    if (reply.status == 404)
        throw legwork::PermanentError("no such file"); // not tried again
    if (reply.status == 429)
        throw legwork::RetryAfter(30s, "the server is busy"); // not before that
    if (reply.status != 200)
        throw std::runtime_error("the server failed"); // tried again
    return reply.bytes;
}
//! [kinds of failure]

static QByteArray load(const QString &path) { return readFile(path).toUtf8(); }
static QByteArray scale(const QByteArray &bytes) { return bytes.left(3); }

//! [blocking]
static QByteArray thumbnail(const QString &path, legwork::TaskContext &context)
{
    QByteArray bytes;
    {
        const auto blocking = context.blocking();
        bytes = load(path); // waits for the drive
    }
    return scale(bytes); // works
}
//! [blocking]

void Window::read(const QStringList &paths)
{
    //! [may block]
    for (const auto &path : paths)
        legwork::run([path] { return readFile(path); }, {.name = "Read", .mayBlock = true})
            .onComplete(this, [this](const QString &text) { add(text); });
    //! [may block]
}

void Window::thumbnails(const QStringList &paths)
{
    //! [low]
    for (const auto &path : paths)
        legwork::run([path] { return readFile(path); }, {.name = "Thumbnail", .priority = legwork::Priority::Low})
            .onComplete(this, [this](const QString &text) { add(text); });
    //! [low]
}

void Window::order(const QString &path)
{
    //! [after]
    const auto reading = legwork::run([path] { return readFile(path); });
    const auto counting = legwork::run([] { return freeSpace(); }, {.after = {reading}});
    legwork::run([] { return QString("tidied"); },
                 {.afterPolicy = legwork::AfterPolicy::Ended, .after = {reading, counting}})
        .onComplete(label, &QLabel::setText);
    //! [after]
    counting.onCancelled(this, [this](legwork::CancelReason reason) {
        QCOMPARE(reason, legwork::CancelReason::DependencyFailed);
        finished = "left out";
    });
}

void Window::read(const QString &path)
{
    //! [stream]
    reading = legwork::stream<Row>(
                  [path](legwork::Sender<Row> &rows, legwork::TaskContext &) {
                      QFile file(path);
                      if (!file.open(QIODevice::ReadOnly))
                          throw std::runtime_error(file.errorString().toStdString());
                      while (!file.atEnd()) {
                          if (!rows.send(rowOf(file.readLine())))
                              return; // it was asked to stop
                      }
                  },
                  {.name = "Read", .owner = this})
                  .onValues(this, [this](const QList<Row> &rows) { append(rows); })
                  .onComplete(this, [this] { label->setText(QString("%1 rows").arg(numbers)); });
    //! [stream]
}

void Window::count(const QString &path)
{
    //! [then]
    const auto reading = legwork::run([path] { return readFile(path); }, {.name = "Read"});
    const auto counting = reading.then([](const QString &text) { return text.count('\n'); }, {.name = "Count"});
    counting.onComplete(this, [this](qsizetype lines) { label->setText(QString("%1 lines").arg(lines)); });
    //! [then]
}

void Window::total(const QStringList &paths)
{
    //! [all]
    QList<legwork::Task<QByteArray>> hashes;
    for (const auto &path : paths)
        hashes += legwork::run([path](legwork::TaskContext &context) { return hashFile(path, context); });
    const auto all = legwork::all(hashes, {.name = "Hash all", .owner = this});
    all.onProgress(this, [this](double value, const QString &) { bar->setValue(qRound(value * 100)); })
        .onComplete(this, [this](const QByteArrayList &all) { label->setText(all.join().toHex()); })
        .onError(this, [this](const legwork::TaskError &error) { label->setText(error.message); });
    connect(stop, &QPushButton::clicked, this, [all] { all.cancel(); }); // all of them
    //! [all]
}

} // namespace

class TestDocs : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    QString m_file;
    const QByteArray m_text = "one\ntwo\n";

private slots:
    void initTestCase()
    {
        m_file = m_dir.filePath("file");
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(m_text);
    }

    void ten_lines()
    {
        Window window;
        window.hash(m_file);
        QTRY_COMPARE(window.label->text(), QCryptographicHash::hash(m_text, QCryptographicHash::Sha256).toHex());
        window.hash(m_file + "x");
        QTRY_COMPARE(window.label->text(), "No such file or directory");
    }

    void stream()
    {
        Window window;
        window.read(m_file);
        QTRY_COMPARE(window.label->text(), "2 rows");
        window.read(m_file + "x");
        QTRY_COMPARE(window.reading.error().message, "No such file or directory");
    }

    void then_and_all()
    {
        Window window;
        window.count(m_file);
        QTRY_COMPARE(window.label->text(), "2 lines");
        window.total({m_file, m_file});
        const auto hash = QCryptographicHash::hash(m_text, QCryptographicHash::Sha256);
        QTRY_COMPARE(window.label->text(), (hash + hash).toHex());
        window.total({m_file, m_file + "x"});
        QTRY_COMPARE(window.label->text(), "No such file or directory");
    }

    void history()
    {
        auto task = legwork::run([] { return Picture{std::vector<char>(1'000)}; });
        task.wait();
        limitHistory();
        QCOMPARE(legwork::historyLimits().bytes, 16 << 20);
        QCOMPARE(task.result()->pixels.size(), 1'000u);
        QVERIFY(legwork::setHistoryLimits({}));
    }

    // B369
    void aTraceIsWritten()
    {
        QTemporaryDir folder;
        const auto path = folder.filePath(QStringLiteral("trace.json"));
        const auto report = traceOf(path);
        QCOMPARE(report.value(QStringLiteral("path")).toString(), path);
        QCOMPARE(report.value(QStringLiteral("lost")).toInt(), 0);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().contains("\"name\":\"Count\""));
        auto *manager = legwork::TaskManager::instance();
        QVERIFY(!manager->startTrace(folder.filePath(QStringLiteral("missing/trace.json"))));
        QVERIFY(manager->property("lastError").toString().endsWith(QStringLiteral("there is no such folder")));
        QVERIFY(!manager->stopTrace().isValid());
        QVERIFY(manager->tracePath().isEmpty());
    }

    // B373
    void figuresAreTaken()
    {
        auto *manager = legwork::TaskManager::instance();
        QVERIFY(!manager->collectsStats());
        QCOMPARE(statsOf(manager).value(QStringLiteral("count")).toInt(), 1);
        manager->collectStats(false);
        manager->resetStats();
        QVERIFY(manager->stats().toMap()[QStringLiteral("jobs")].toList().isEmpty());
    }

    // B393
    void optionsAreGivenALine()
    {
        const auto location = locatedOptions().location;
        QVERIFY(QByteArray(location.file()).endsWith("tst_docs.cpp"));
        QVERIFY(location.line() > 0);
    }

    void pauses()
    {
        Window window;
        window.pause->setCheckable(true);
        window.exportAll();
        window.pause->setChecked(true);
        QTRY_COMPARE(window.label->text(), "Paused: by you");
        window.pause->setChecked(false);
        QTRY_COMPARE(window.label->text(), "Goes on");
    }

    void limits()
    {
        QObject owner;
        limit(&owner);
        QCOMPARE(legwork::limitsOf(&owner).maxQueued, 1'000);
    }

    void later_and_periodic()
    {
        Window window;
        window.watch();
        QTRY_COMPARE(window.label->text(), "1 bytes");
    }

    void body()
    {
        const auto data = QByteArray(3'000'000, 'x');
        const auto task = legwork::run([data](legwork::TaskContext &context) { return compress(data, context); });
        task.wait();
        QVERIFY(task.result()->size() > 0);
    }

    void errors()
    {
        Window window;
        window.errors(m_file);
        QTRY_COMPARE(window.label->text(), m_text);
        window.errors(m_file + "x");
        QTRY_COMPARE(window.label->text(), "std::runtime_error: No such file or directory");
    }

    void b146_destructor()
    {
        for (int round = 0; round < 100; ++round) {
            std::atomic<bool> runs = false;
            std::atomic<bool> returned = false;
            auto *scaler = new Scaler;
            scaler->scale(runs, returned);
            QTRY_VERIFY(runs);
            scaler->scale(runs, returned);
            delete scaler;
            QVERIFY(returned);
        }
    }

    void wait()
    {
        //! [wait]
        const auto task = legwork::run([] { return 6 * 7; });
        if (task.wait(1s) == legwork::WaitResult::Done)
            qDebug() << *task.result();
        //! [wait]
        QCOMPARE(*task.result(), 42);
    }

    void future()
    {
        Window window;
        window.futures(m_file);
        QTRY_COMPARE(window.label->text(), QCryptographicHash::hash(m_text, QCryptographicHash::Sha256).toHex());
    }

    void coroutine()
    {
        Window window;
        window.load(m_file);
        QCOMPARE(window.label->text(), "Reading");
        QTRY_COMPARE(window.label->text(), "2 lines");
    }

    void signals_()
    {
        Window window;
        window.signals_();
        const auto task = legwork::run([] {});
        QTRY_COMPARE(window.finished, task.id());
    }

    void preview()
    {
        Window window;
        QList<QString> cancelled;
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCancelled, &window,
                [&](const QString &id) { cancelled += id; });
        for (int letter = 0; letter < 3; ++letter)
            window.preview(m_file);
        QTRY_COMPARE(window.label->text(), m_text);
        QCOMPARE(cancelled.size(), 2);
    }

    void refresh()
    {
        Window window;
        int results = 0;
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted, &window, [&] { ++results; });
        window.refresh();
        QTRY_COMPARE(window.label->text(), "1 bytes");
        QTRY_COMPARE(results, 1);
    }

    void kinds_of_failure()
    {
        QCOMPARE(bytesOf({200, "bytes"}), "bytes");
        for (const auto &[status, attempts] : {std::pair(404, 1), {500, 2}}) {
            const auto task = legwork::run(
                [status = status] {
                    return bytesOf({status, {}});
                },
                {.retry = {.times = 1, .delay = 1ms}});
            task.wait();
            QCOMPARE(task.status(), legwork::Status::Failed);
            QCOMPARE(task.error().attempt, quint64(attempts));
        }
        const auto busy = legwork::run([] { return bytesOf({429, {}}); }, {.retry = {.times = 1, .delay = 1ms}});
        QCOMPARE(busy.wait(1s), legwork::WaitResult::WaitTimeout);
        busy.cancel();
    }

    void after()
    {
        Window window;
        window.order(m_file);
        QTRY_COMPARE(window.label->text(), "tidied");
        QVERIFY(window.finished.isEmpty());
        window.label->clear();
        window.order(m_file + "x");
        QTRY_COMPARE(window.label->text(), "tidied");
        QTRY_COMPARE(window.finished, "left out");
    }

    void blocking()
    {
        Window window;
        window.read({m_file, m_file});
        QTRY_COMPARE(window.texts.size(), 2);
        window.thumbnails({m_file});
        QTRY_COMPARE(window.texts.size(), 3);
        const auto small = legwork::run([this](legwork::TaskContext &context) { return thumbnail(m_file, context); });
        QByteArray bytes;
        small.onComplete(&window, [&bytes](const QByteArray &result) { bytes = result; });
        QTRY_COMPARE(bytes.size(), 3);
    }

    void external()
    {
        Window window;
        double progress = 0;
        window.scan();
        window.scanning.onProgress(&window, [&](double value) { progress = value; });
        QTRY_COMPARE(progress, 0.5);
        emit window.device->finished("image", {});
        QTRY_COMPARE(window.label->text(), "image");
        QTRY_VERIFY(!window.device);
        window.scan();
        window.scanning.onProgress(&window, [&](double value) { progress = value + 1; });
        QTRY_COMPARE(progress, 1.5);
        window.scanning.cancel();
        QCOMPARE(window.scanning.status(), legwork::Status::Cancelled);
    }

    void process()
    {
        Window window;
        window.list();
        QTRY_VERIFY_WITH_TIMEOUT(window.label->text().contains("tmp"), 20'000);
    }

    void jobs()
    {
        //! [jobs]
        const auto registered = legwork::registerJob("sum", [](const QVariantList &numbers) {
            double sum = 0;
            for (const auto &number : numbers)
                sum += number.toDouble();
            return sum;
        });
        if (!registered)
            qWarning() << registered.error; // the name is taken
        //! [jobs]
        QVERIFY(registered);
        const auto task = legwork::runJob("sum", {1, 2});
        task.wait();
        QCOMPARE(task.result()->toDouble(), 3.0);
    }

    void options17()
    {
        //! [options17]
        legwork::TaskOptions options;
        options.name = "Hash";
        options.timeout = 10s;
        const auto task = legwork::run([] { return 1; }, options);
        //! [options17]
        task.wait();
        QCOMPARE(task.result().value_or(0), 1);
    }

    // The last one, as it is final.
    void shutdown()
    {
        //! [shutdown]
        const auto report = legwork::TaskManager::instance()->shutdown(5'000).toMap();
        for (const auto &task : report["abandoned"].toList())
            qWarning() << "still at work:" << task.toMap()["name"].toString();
        //! [shutdown]
        QVERIFY(report["complete"].toBool());
    }
};

QTEST_MAIN(TestDocs)
#include "tst_docs.moc"
