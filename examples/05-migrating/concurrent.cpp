// QtConcurrent and a QFutureWatcher.
#include "window.h"

#include <QtConcurrent/QtConcurrentRun>
#include <QtCore/QFutureWatcher>

#include <stdexcept>

namespace {

//! [work]
void countAll(QPromise<qint64> &promise, const QStringList &files)
{
    promise.setProgressRange(0, int(files.size()));
    qint64 lines = 0;
    for (qsizetype i = 0; i < files.size(); ++i) {
        if (promise.isCanceled())
            return;
        lines += countLines(files[i]);
        promise.setProgressValue(int(i + 1));
    }
    promise.addResult(lines);
}
//! [work]

class ConcurrentWindow : public Window {
public:
    //! [watcher]
    ConcurrentWindow()
    {
        connect(&m_watcher, &QFutureWatcherBase::progressValueChanged, this,
                [this](int value) { showProgress(double(value) / m_watcher.progressMaximum()); });
        connect(&m_watcher, &QFutureWatcherBase::finished, this, [this] {
            try {
                m_watcher.waitForFinished(); // throws, as countAll did
                if (m_watcher.isCanceled())
                    showCancelled();
                else
                    showResult(m_watcher.result());
            } catch (const QUnhandledException &wrapped) {
                try {
                    std::rethrow_exception(wrapped.exception());
                } catch (const std::exception &error) {
                    showError(error.what());
                }
            }
        });
    }
    ~ConcurrentWindow() override { m_watcher.cancel(); }
    //! [watcher]

    //! [run]
    void start(const QStringList &files) override { m_watcher.setFuture(QtConcurrent::run(countAll, files)); }
    void stop() override { m_watcher.cancel(); }
    //! [run]

private:
    QFutureWatcher<qint64> m_watcher;
};

} // namespace

std::unique_ptr<Window> makeWindow() { return std::make_unique<ConcurrentWindow>(); }
