// A dashboard: a reading of each source ten times a second, and a source that hangs is given up.
#include "sources.h"

#include <legwork/legwork.h>

#include <QtWidgets/QtWidgets>

using namespace std::chrono_literals;

//! [body]
// Runs on a worker, and may block there.
static double readSource(const QString &source, legwork::TaskContext &context)
{
    const double reading = measure(source, [&context] { return context.isCancelled(); });
    context.checkpoint();
    return reading;
}
//! [body]

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QWidget window;
    QFormLayout layout(&window);
    for (const auto &source : sources()) {
        auto *value = new QLabel("…");
        value->setTextFormat(Qt::PlainText);
        layout.addRow(source, value);
        //! [submit]
        legwork::runPeriodic(
            100ms, [source](legwork::TaskContext &context) { return readSource(source, context); },
            {.name = source, .timeout = 250ms, .owner = &window, .rate = legwork::Rate::FixedRate, .maxFailures = 3})
            .onComplete(value, [value](double reading) { value->setNum(reading); })
            .onError(value, [value](const legwork::TaskError &error) { value->setText(error.message); });
        //! [submit]
    }
    window.show();
    return application.exec();
}
