#include "duplicates_suite/tst_finder.h"
#include "duplicates_suite/folder.h"

#include "duplicates/src/qt/finder.cxxqt.h"
#include "duplicates/src/qt/rows.cxxqt.h"

#include <legwork/taskmanager.h>

#include <QtTest/QtTest>

using namespace std::chrono_literals;
using legwork::TaskManager;
using legwork::testing::TaskSpy;
using legwork::testing::VirtualClock;

namespace suite {

namespace {

// More than a first block, so that the whole is read, too.
constexpr int large = 20'000;

} // namespace

TestFinder::TestFinder() = default;
TestFinder::~TestFinder() = default;

void TestFinder::initTestCase()
{
    auto *manager = TaskManager::instance();
    connect(manager, &TaskManager::taskCompleted, this, [this, manager](const QString &id) {
        if (meanwhile)
            meanwhile(manager->taskInfo(id).toMap()["name"].toString());
    });
}

void TestFinder::init()
{
    clock = std::make_unique<VirtualClock>();
    QVERIFY2(clock->isActive(), qPrintable(clock->errorString()));
    folder = std::make_unique<Folder>();
    finder = std::make_unique<Finder>();
    meanwhile = nullptr;
}

void TestFinder::cleanup()
{
    finder->refresh();
    const bool running = finder->getRunning();
    const QStringList left = pending();
    for (const auto &task : clock->pendingTasks())
        TaskManager::instance()->cancelTask(task.id);
    clock->runUntilIdle();
    const bool idle = clock->pendingTasks().isEmpty();
    finder.reset();
    clock.reset();
    // What fails here fails in this test alone.
    QVERIFY(!running);
    // It goes on as long as the window is there, and nothing else does.
    QCOMPARE(left, QStringList{"Free space"});
    QVERIFY(idle);
}

void TestFinder::search()
{
    QVERIFY2(finder->start(folder->path()), qPrintable(finder->getError()));
    QVERIFY(clock->runUntilIdle());
    finder->refresh();
}

QList<QStringList> TestFinder::groups() const
{
    Rows rows;
    rows.setKind("groups");
    rows.refresh();
    const int paths = rows.roleNames().key("paths");
    QList<QStringList> groups;
    for (int row = 0; row < rows.getCount(); ++row)
        groups += rows.data(rows.index(row, 0), paths).toStringList();
    return groups;
}

QStringList TestFinder::pending() const
{
    QStringList names;
    for (const auto &task : clock->pendingTasks())
        names += task.name;
    return names;
}

void TestFinder::equal_files_are_found_wherever_they_are()
{
    folder->write("a", "small");
    folder->write("deep/er/b", "small");
    folder->write("c", "other");
    folder->write("large", "x", large);
    folder->write("deep/large", "x", large);
    folder->write("alone", "of its size");
    search();
    QVERIFY(!finder->getRunning());
    QCOMPARE(finder->getFolder(), folder->path());
    QCOMPARE(finder->getFraction(), 1.0);
    QCOMPARE(finder->getFolders(), 3.0);
    QCOMPARE(finder->getFiles(), 6.0);
    QCOMPARE(finder->getDuplicates(), 2.0);
    QCOMPARE(finder->getWasted(), large + 5.0);
    QCOMPARE(groups(), (QList<QStringList>{{"deep/large", "large"}, {"a", "deep/er/b"}}));
}

void TestFinder::hard_links_are_one_file()
{
    folder->write("m", "content");
    folder->link("a link", "m");
    folder->link("z/link", "m");
    search();
    QCOMPARE(finder->getFiles(), 1.0);
    QCOMPARE(finder->getGroups(), 0.0);
    folder->write("copy", "content");
    search();
    QCOMPARE(finder->getFiles(), 2.0);
    QCOMPARE(finder->getWasted(), 7.0);
    QCOMPARE(groups(), QList<QStringList>{QStringList({"a link", "copy"})});
}

void TestFinder::symbolic_links_are_not_followed()
{
    folder->write("folder/file", "content");
    folder->symlink("link", folder->path() + "/folder/file");
    folder->symlink("folder/loop", folder->path());
    folder->symlink("dangling", "nowhere");
    search();
    QCOMPARE(finder->getFolders(), 2.0);
    QCOMPARE(finder->getFiles(), 1.0);
    QCOMPARE(finder->getGroups(), 0.0);
    QCOMPARE(finder->getFailed(), 0.0);
}

void TestFinder::empty_files_are_left_out()
{
    folder->write("empty", "");
    folder->write("deep/empty", "");
    folder->write("not empty", "x");
    search();
    QCOMPARE(finder->getFiles(), 1.0);
    QCOMPARE(finder->getBytes(), 1.0);
    QVERIFY(groups().isEmpty());
}

void TestFinder::a_file_that_is_gone_has_failed_and_the_others_are_found()
{
    for (const char *name : {"a", "b", "c"})
        folder->write(name, "content");
    meanwhile = [this](const QString &done) {
        if (done.startsWith("List"))
            folder->remove("c");
    };
    TaskSpy spy;
    search();
    QCOMPARE(spy.times("taskFailed"), 1);
    QCOMPARE(spy.error(), QString("cannot read %1/c: No such file or directory (os error 2)").arg(folder->path()));
    QCOMPARE(finder->getFailed(), 1.0);
    QCOMPARE(groups(), QList<QStringList>{QStringList({"a", "b"})});
}

//! [changed]
void TestFinder::a_file_that_changed_is_looked_at_again_after_half_a_second()
{
    folder->write("a", "content");
    folder->write("b", "content");
    folder->write("of the new size", "content and more");
    meanwhile = [this](const QString &done) {
        if (done.startsWith("List"))
            folder->write("b", "content and more");
    };
    search();
    QVERIFY(pending().contains("Look again at " + folder->path() + "/b"));
    clock->fastForwardBy(499ms);
    finder->refresh();
    QVERIFY(finder->getRunning());
    clock->fastForwardBy(1ms);
    finder->refresh();
    QVERIFY(!finder->getRunning());
    QCOMPARE(groups(), QList<QStringList>{QStringList({"b", "of the new size"})});
    QCOMPARE(finder->getFailed(), 0.0);
}
//! [changed]

void TestFinder::a_file_that_changes_again_has_failed()
{
    for (const char *name : {"a", "b", "c"})
        folder->write(name, "content");
    meanwhile = [this](const QString &done) {
        if (done.startsWith("List"))
            folder->write("c", "longer than it was");
        if (done.startsWith("Look again"))
            folder->write("c", "short");
    };
    // Of the size that it has then.
    folder->write("d", "longer than it was");
    TaskSpy spy;
    search();
    clock->fastForwardBy(1min);
    finder->refresh();
    QCOMPARE(spy.error(), folder->path() + "/c changes while it is read");
    QCOMPARE(finder->getFailed(), 1.0);
    QCOMPARE(groups(), QList<QStringList>{QStringList({"a", "b"})});
}

void TestFinder::the_free_space_is_asked_for_every_two_seconds_for_half_an_hour()
{
    TaskSpy spy;
    search();
    QCOMPARE(spy.times("taskPeriodic"), 1);
    QVERIFY(finder->getFreeBytes() >= 0 && finder->getFreeBytes() <= finder->getTotalBytes());
    clock->fastForwardBy(1'999ms);
    QCOMPARE(spy.times("taskPeriodic"), 1);
    clock->fastForwardBy(1ms);
    QCOMPARE(spy.times("taskPeriodic"), 2);
    clock->fastForwardBy(30min);
    QCOMPARE(spy.times("taskPeriodic"), 902);
}

void TestFinder::the_time_left_is_told_after_two_seconds()
{
    for (const char *name : {"a", "b", "c", "d"})
        folder->write(name, "x", large);
    QList<double> left;
    // Some of the files take their time.
    meanwhile = [this, &left](const QString &done) {
        if (!done.startsWith("First block") && !done.startsWith("Whole"))
            return;
        finder->refresh();
        left += finder->getSecondsLeft();
        if (left.size() == 4)
            clock->advanceClock(1'999ms);
        else if (left.size() == 5)
            clock->advanceClock(1ms);
    };
    search();
    QCOMPARE(left.size(), 8);
    QCOMPARE(left.mid(0, 5), QList<double>(5, -1.0));
    for (const double seconds : left.mid(5))
        QVERIFY(seconds >= 0);
    QCOMPARE(groups(), QList<QStringList>{QStringList({"a", "b", "c", "d"})});
}

void TestFinder::a_search_that_is_stopped_keeps_what_it_has()
{
    folder->write("a", "small");
    folder->write("b", "small");
    for (const char *name : {"x", "y", "z"})
        folder->write(name, "x", large);
    int wholes = 0;
    meanwhile = [this, &wholes](const QString &done) {
        if (done.startsWith("Whole") && ++wholes == 1)
            finder->stop();
    };
    // With one, tasks go in the order in which they were submitted.
    const QVariant workers = TaskManager::instance()->maxWorkers();
    TaskManager::instance()->setMaxWorkers(1);
    search();
    TaskManager::instance()->setMaxWorkers(workers);
    QCOMPARE(wholes, 1);
    QVERIFY(finder->getStopped());
    QCOMPARE(groups(), QList<QStringList>{QStringList({"a", "b"})});
    QCOMPARE(finder->getFailed(), 0.0);
    clock->fastForwardBy(1h);
    QCOMPARE(wholes, 1);
}

void TestFinder::another_search_takes_the_place_of_the_one_before()
{
    Folder before;
    before.write("a", "content");
    before.write("b", "content");
    before.write("deep/c", "content");
    folder->write("other", "content");
    bool begun = false;
    meanwhile = [this, &begun](const QString &done) {
        if (done.startsWith("List") && !std::exchange(begun, true))
            QVERIFY(finder->start(folder->path()));
    };
    QVERIFY(finder->start(before.path()));
    clock->fastForwardBy(10min);
    finder->refresh();
    QVERIFY(!finder->getRunning());
    QCOMPARE(finder->getFolder(), folder->path());
    QCOMPARE(finder->getFolders(), 1.0);
    QCOMPARE(finder->getFiles(), 1.0);
    QVERIFY(groups().isEmpty());
}

void TestFinder::a_folder_that_is_not_there_is_refused()
{
    folder->write("a", "content");
    folder->write("b", "content");
    search();
    const QString path = folder->path();
    QVERIFY(!finder->start(path + "/c"));
    QCOMPARE(finder->getError(),
             QString("there is no folder %1/c; give one that exists, or none for the current one").arg(path));
    QVERIFY(!finder->start(path + "/a"));
    QCOMPARE(finder->getError(), path + "/a is a file; give the folder that it is in");
    // The search before is as it was.
    QCOMPARE(finder->getFolder(), path);
    QCOMPARE(groups(), QList<QStringList>{QStringList({"a", "b"})});
    search();
    QCOMPARE(finder->getError(), QString());
}

} // namespace suite
