// A plugin with a task that runs for a while, and a periodic one: an index of the words in C++ headers.
#include <legwork/baseplugin.h>

#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QHash>
#include <QtCore/QLibraryInfo>
#include <QtCore/QRegularExpression>

using namespace std::chrono_literals;

namespace {

// A type that only this plugin knows.
struct Index {
    QStringList files;
    QHash<QString, QList<int>> words; // by word, the files that have it
};

Index index(const QString &folder, legwork::TaskContext &context)
{
    QDirIterator below(folder, {"*.h"}, QDir::Files, QDirIterator::Subdirectories);
    QStringList files;
    while (below.hasNext() && files.size() < 4'000) {
        context.checkpoint();
        files.append(below.next());
    }
    static const QRegularExpression word("\\w{3,}");
    Index index;
    for (const auto &path : std::as_const(files)) {
        context.checkpoint(); // ends here when the plugin is unloaded
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const auto number = int(index.files.size());
        index.files.append(path);
        auto found = word.globalMatch(QString::fromUtf8(file.readAll()));
        while (found.hasNext()) {
            auto &in = index.words[found.next().captured()];
            if (in.isEmpty() || in.last() != number)
                in.append(number);
        }
        context.setProgress(double(index.files.size()) / double(files.size()),
                            QString("%1 words in %2 files").arg(index.words.size()).arg(index.files.size()));
        context.sleep(2ms); // leaves the disk to others
    }
    return index;
}

} // namespace

//! [plugin]
class Indexer : public legwork::BasePlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)

    void initialize() override
    {
        const auto folder = QLibraryInfo::path(QLibraryInfo::HeadersPath);
        runInBackground([folder](legwork::TaskContext &context) { return index(folder, context); },
                        {.name = "Index", .priority = legwork::Priority::Low})
            .onComplete(this, [this](const Index &index) { m_index = index; });
        scheduleTask([folder] { return QFileInfo(folder).lastModified().toString(Qt::ISODate); },
                     {.name = "Watch", .periodic = true, .intervalMs = 1'000});
    }

    // The plugin object, with all that it has, is destroyed before the library is closed.
    Index m_index;
};
//! [plugin]

#include "indexer.moc"
