// The smallest step from QtConcurrent: the QFutureWatcher stays, Legwork fills its QFuture.
#include "window.h"

#include <legwork/legwork.h>

#include <QtCore/QFutureWatcher>

#include <stdexcept>

namespace {

qint64 countAll(const QStringList &files, legwork::TaskContext &context)
{
    qint64 lines = 0;
    for (qsizetype i = 0; i < files.size(); ++i) {
        context.checkpoint();
        lines += countLines(files[i]);
        context.setProgress(double(i + 1) / double(files.size()));
    }
    return lines;
}

class FutureWindow : public Window {
public:
    FutureWindow()
    {
        connect(&m_watcher, &QFutureWatcherBase::progressValueChanged, this,
                [this](int value) { showProgress(double(value) / m_watcher.progressMaximum()); });
        connect(&m_watcher, &QFutureWatcherBase::finished, this, [this] {
            try {
                m_watcher.waitForFinished();
                if (m_watcher.isCanceled())
                    showCancelled();
                else
                    showResult(m_watcher.result());
            } catch (const std::exception &error) {
                showError(error.what());
            }
        });
    }

    //! [run]
    void start(const QStringList &files) override
    {
        const auto task = legwork::run([files](legwork::TaskContext &context) { return countAll(files, context); },
                                       {.name = "Count lines", .owner = this});
        m_watcher.setFuture(task.future());
    }
    void stop() override { m_watcher.cancel(); }
    //! [run]

private:
    QFutureWatcher<qint64> m_watcher;
};

} // namespace

std::unique_ptr<Window> makeWindow() { return std::make_unique<FutureWindow>(); }
