// Plays an example: its own main runs (LEGWORK_EXAMPLE is its file), and the test types into its fields and reads what
// it shows, whether it is made of widgets or of QML.
#ifndef LEGWORK_TESTS_EXAMPLE_H
#define LEGWORK_TESTS_EXAMPLE_H

#include <QtCore/QSemaphore>
#include <QtCore/QThreadPool>
#include <QtGui/QWindow>
#include <QtQml/QQmlListReference>
#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QWidget>

#include <memory>

#ifdef LEGWORK_EXAMPLE_HAS_LEGWORK
#include <legwork/legwork.h>
#endif

#define main exampleMain
#include LEGWORK_EXAMPLE
#undef main

namespace example {

// What is in a window: widgets are children of each other, and items, which a Repeater may have made, are in its lists.
// A header and a footer are beside the content.
inline void walk(QObject *object, QObjectList &found)
{
    found += object;
    if (auto *content = object->property("contentItem").value<QObject *>(); content && object->isWindowType()) {
        while (auto *parent = content->property("parent").value<QObject *>())
            content = parent;
        walk(content, found);
    }
    if (object->isWidgetType()) {
        for (auto *child : object->children())
            walk(child, found);
        return;
    }
    const QQmlListReference items(object, "children");
    for (qsizetype i = 0; i < items.count(); ++i)
        walk(items.at(i), found);
}

// Its parts of one of these classes: a widget's, or an item's.
inline QObjectList parts(const char *widget, const char *item)
{
    QObjectList found;
    for (auto *window : QApplication::topLevelWidgets())
        walk(window, found);
    for (auto *window : QGuiApplication::topLevelWindows())
        walk(window, found);
    found.removeIf([=](const QObject *part) { return !part->inherits(widget) && !part->inherits(item); });
    return found;
}

inline QString text(const QObject *part) { return part->property("text").toString(); }

inline QString answer()
{
    const auto labels = parts("QLabel", "QQuickLabel");
    return labels.isEmpty() ? QString() : text(labels[0]);
}

inline void close()
{
    for (auto *window : QGuiApplication::topLevelWindows())
        window->close();
}

// As long as it lives nothing else begins: all threads of the pool are busy. A shutdown of Legwork's asks them to stop.
class Hold {
public:
    Hold()
    {
#ifdef LEGWORK_EXAMPLE_HAS_LEGWORK
        m_threads = legwork::TaskManager::instance()->property("maxWorkers").toInt();
        for (int i = 0; i < m_threads; ++i) {
            legwork::run(
                [gate = m_gate](legwork::TaskContext &context) {
                    gate->begun.release();
                    while (!context.isCancelled() && !gate->go.tryAcquire(1, 1)) { }
                },
                {.name = "Hold"});
        }
#else
        m_threads = QThreadPool::globalInstance()->maxThreadCount();
        for (int i = 0; i < m_threads; ++i) {
            QThreadPool::globalInstance()->start([gate = m_gate] {
                gate->begun.release();
                gate->go.acquire();
            });
        }
#endif
        m_gate->begun.acquire(m_threads);
    }
    ~Hold() { m_gate->go.release(m_threads); }

private:
    struct Gate {
        QSemaphore begun, go;
    };

    std::shared_ptr<Gate> m_gate = std::make_shared<Gate>();
    int m_threads = 0;
};

// What TaskManager tells of the tasks of the example.
struct Tally : QObject {
    QStringList submitted, begun, completed, failed, cancelled, retried;
    QHash<QString, int> runs; // of a periodic task, by its name

    Tally()
    {
#ifdef LEGWORK_EXAMPLE_HAS_LEGWORK
        using legwork::TaskManager;
        auto *manager = TaskManager::instance();
        const auto enter = [this, manager](QStringList &list, const QString &id) {
            const auto name = manager->taskInfo(id).toMap()["name"].toString();
            if (name != "Hold")
                list += name;
        };
        connect(manager, &TaskManager::taskStarted, this, [this, enter](const QString &id) { enter(begun, id); });
        connect(manager, &TaskManager::taskCompleted, this, [this, enter](const QString &id) { enter(completed, id); });
        connect(manager, &TaskManager::taskFailed, this, [this, enter](const QString &id) { enter(failed, id); });
        connect(manager, &TaskManager::taskCancelled, this, [this, enter](const QString &id) { enter(cancelled, id); });
        connect(manager, &TaskManager::taskRetrying, this, [this, enter](const QString &id) { enter(retried, id); });
        connect(manager, &TaskManager::taskPeriodic, this,
                [this, manager](const QString &id) { ++runs[manager->taskInfo(id).toMap()["name"].toString()]; });
#endif
    }
};

inline int result = -1;

// Plays `Test` in the example's event loop, and returns the exit code of both. It begins as the event loop does.
template<typename Test> void play()
{
    QTimer::singleShot(0, QCoreApplication::instance(), [] {
        Test test;
        result = QTest::qExec(&test, {QStringLiteral(LEGWORK_EXAMPLE)});
        close();
    });
}

inline int run(int argc, char **argv)
{
    const int code = exampleMain(argc, argv);
    return code != 0 ? code : result;
}

#ifdef LEGWORK_EXAMPLE_HAS_LEGWORK
constexpr bool hasLegwork = true;
#else
constexpr bool hasLegwork = false;
#endif

} // namespace example

#endif
