#include "story.h"

#include "tasklog.h"

#include <legwork/taskmanager.h>

#include <QtCore/QElapsedTimer>
#include <QtCore/QEventLoop>
#include <QtCore/QTimer>

#include <cstdio>
#include <functional>

namespace {

void say(const QString &text)
{
    std::printf("%s\n", qUtf8Printable(text));
    std::fflush(stdout);
}

// Lets the event loop turn until it is so; false after 30 s.
bool until(const std::function<bool()> &isSo)
{
    QEventLoop loop;
    QTimer poll, limit;
    QObject::connect(&poll, &QTimer::timeout, &loop, [&] {
        if (isSo())
            loop.exit(1);
    });
    QObject::connect(&limit, &QTimer::timeout, &loop, [&] { loop.exit(0); });
    poll.start(20);
    limit.start(30'000);
    return loop.exec() == 1;
}

// What is known of a plugin's task.
QVariantMap task(const legwork::PluginHost &host, const QString &plugin, const QString &name)
{
    const auto tasks = host.tasks(plugin);
    for (const auto &entry : tasks) {
        if (entry.toMap()["name"] == name)
            return entry.toMap();
    }
    return {};
}

} // namespace

int tellStory(legwork::PluginHost &host, const QStringList &files)
{
    const TaskLog log;
    QObject::connect(&log, &TaskLog::line, say);
    const auto runs = [&](const char *plugin, const char *name) {
        return task(host, plugin, name)["iteration"].toULongLong();
    };
    const auto indexIsAtWork = [&] {
        const auto index = task(host, "indexer", "Index");
        return index["statusName"] == "Running" && index["progress"].toDouble() > 0.1 && runs("indexer", "Watch") >= 1;
    };

    QString indexer;
    for (const auto &file : files) {
        if (!host.load(file)) {
            say("host: " + host.lastError());
            return 1;
        }
        if (file.contains("indexer"))
            indexer = file;
    }
    say("host: loaded " + host.plugins().join(" and "));
    if (!until(indexIsAtWork))
        return 1;

    const auto index = task(host, "indexer", "Index");
    say(QString("host: unloads the indexer, which is at work: %1").arg(index["message"].toString()));
    QElapsedTimer timer;
    timer.start();
    const auto report = host.unload("indexer");
    if (!report) {
        say("host: " + report.error);
        return 1;
    }
    say(QString("host: it is unloaded, after %1 ms; its library %2")
            .arg(timer.elapsed())
            .arg(report.codeGone ? "is closed" : "stays in memory"));

    const auto before = runs("prices", "Fetch prices");
    if (!until([&] { return runs("prices", "Fetch prices") >= before + 2; }))
        return 1;
    say("host: prices went on meanwhile");

    if (!host.load(indexer)) {
        say("host: " + host.lastError());
        return 1;
    }
    say("host: the indexer is back");
    if (!until(indexIsAtWork))
        return 1;
    say("host: quits");
    const auto end = legwork::TaskManager::instance()->shutdown(5'000).toMap();
    say(QString("host: shut down, %1 tasks cancelled").arg(end["cancelled"].toInt()));
    return end["abandoned"].toList().isEmpty() ? 0 : 1;
}
