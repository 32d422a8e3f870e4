// The same with a QThreadPool for each plugin, and a count of what waits in it.
#include "plugins.h"

#include <QtWidgets/QtWidgets>

#include <atomic>
#include <memory>

using namespace std::chrono_literals;

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QWidget window;
    QFormLayout layout(&window);
    for (const auto &name : plugins()) {
        auto *plugin = new QLabel("0");
        plugin->setTextFormat(Qt::PlainText);
        layout.addRow(name, plugin);
        auto *pool = new QThreadPool; // never deleted: that would wait for ever
        pool->setMaxThreadCount(1);
        auto waiting = std::make_shared<std::atomic<int>>(0);
        auto *ticks = new QTimer(plugin);
        QObject::connect(ticks, &QTimer::timeout, plugin, [plugin, name, pool, waiting] {
            if (*waiting > 100) {
                plugin->setToolTip("maxQueued is 100");
                return;
            }
            ++*waiting;
            pool->start([plugin = QPointer(plugin), name, waiting] {
                work(name);
                --*waiting;
                // The label may go in this moment, so it is looked for where it lives.
                QMetaObject::invokeMethod(qApp, [plugin] {
                    if (plugin)
                        plugin->setNum(plugin->text().toInt() + 1);
                });
            });
        });
        ticks->start(10ms);
    }
    window.show();
    return application.exec();
}
