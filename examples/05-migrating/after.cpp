// The same with Legwork.
#include "window.h"

#include <legwork/legwork.h>

namespace {

//! [work]
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
//! [work]

//! [window]
class LegworkWindow : public Window {
public:
    void start(const QStringList &files) override
    {
        m_task = legwork::run([files](legwork::TaskContext &context) { return countAll(files, context); },
                              {.name = "Count lines", .owner = this});
        m_task.onProgress(this, [this](double value, const QString &) { showProgress(value); })
            .onComplete(this, &Window::showResult)
            .onError(this, [this](const legwork::TaskError &error) { showError(error.message); })
            .onCancelled(this, &Window::showCancelled);
    }
    void stop() override { m_task.cancel(); }

private:
    legwork::Task<qint64> m_task;
};
//! [window]

} // namespace

std::unique_ptr<Window> makeWindow() { return std::make_unique<LegworkWindow>(); }
