// A host of plugins: each has a task every 10 ms. Eight of them hang; the other four do not feel it.
#include "plugins.h"

#include <legwork/legwork.h>

#include <QtWidgets/QtWidgets>

using namespace std::chrono_literals;

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QWidget window;
    QFormLayout layout(&window);
    //! [workers]
    auto *manager = legwork::TaskManager::instance();
    manager->setMaxWorkers(int(plugins().size()) + 1);
    QObject::connect(&application, &QCoreApplication::aboutToQuit, manager, [manager] { manager->shutdown(500); });
    //! [workers]
    for (const auto &name : plugins()) {
        auto *plugin = new QLabel("0");
        plugin->setTextFormat(Qt::PlainText);
        plugin->setObjectName(name);
        layout.addRow(name, plugin);
        //! [limits]
        legwork::setLimits(plugin, {.maxRunning = 1, .maxQueued = 100});
        //! [limits]
        auto *ticks = new QTimer(plugin);
        QObject::connect(ticks, &QTimer::timeout, plugin, [plugin, name] {
            legwork::run([name] { work(name); }, {.name = name, .owner = plugin})
                .onComplete(plugin, [plugin] { plugin->setNum(plugin->text().toInt() + 1); })
                .onError(plugin, [plugin](const legwork::TaskError &error) { plugin->setToolTip(error.message); });
        });
        ticks->start(10ms);
    }
    window.show();
    return application.exec();
}
