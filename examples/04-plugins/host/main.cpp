// A host with plugins: plugin_host [--headless | --screenshot FILE]
#include "story.h"
#include "window.h"

#include <QtCore/QDir>
#include <QtWidgets/QApplication>

#include <cstdio>

namespace {

QStringList pluginFiles()
{
    const QDir folder(QCoreApplication::applicationDirPath() + "/plugins");
    QStringList files;
    const auto names = folder.entryList({"*.so", "*.dylib", "*.dll"}, QDir::Files);
    for (const auto &name : names)
        files.append(folder.filePath(name));
    return files;
}

} // namespace

int main(int argc, char **argv)
{
    const auto mode = argc > 1 ? QByteArray(argv[1]) : QByteArray();
    if (mode == "--headless") {
        QCoreApplication application(argc, argv);
        legwork::PluginHost host;
        return tellStory(host, pluginFiles());
    }
    const bool picture = mode == "--screenshot" && argc == 3;
    if (!mode.isEmpty() && !picture) {
        std::puts("plugin_host [--headless | --screenshot FILE]");
        return mode == "--help" ? 0 : 2;
    }

    if (picture)
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    legwork::PluginHost host;
    Window window(host, pluginFiles());
    window.show();
    for (const auto &file : pluginFiles())
        window.load(file);
    if (picture) {
        QTimer::singleShot(2'500, &window, [&] {
            const bool saved = window.grab().save(QString::fromLocal8Bit(argv[2]));
            QCoreApplication::exit(saved ? 0 : 1);
        });
    }
    return application.exec();
}
