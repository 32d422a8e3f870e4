// An export that rests while the user wants the machine for something else, and while it runs on battery.
#include "rows.h"

#include <legwork/legwork.h>

#include <QtWidgets/QtWidgets>

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto file = application.arguments().value(1);
    QWidget window;
    QPushButton start("Export"), pause("Pause"), cancel("Cancel");
    pause.setCheckable(true);
    QCheckBox battery("On battery");
    QLabel answer;
    answer.setTextFormat(Qt::PlainText);
    QProgressBar bar;
    QVBoxLayout layout(&window);
    for (auto *part : std::initializer_list<QWidget *>{&start, &pause, &cancel, &battery, &answer, &bar})
        layout.addWidget(part);
    //! [submit]
    legwork::Task<void> exporting;
    QObject::connect(&start, &QPushButton::clicked, &window, [&] {
        start.setEnabled(false);
        pause.setChecked(false);
        bar.setValue(0);
        const auto write = [file](legwork::TaskContext &context) {
            writeRows(file, [&](int row) {
                context.setProgress(double(row) / rowCount);
                context.checkpoint(); // stops here while it is paused, and ends here once it is cancelled
            });
        };
        exporting = legwork::run(write, {.name = "Export", .owner = &window, .pausable = true})
                        .onStarted(&window, [&] { answer.setText("exporting"); })
                        .onPaused(&window, [&](const QString &reason) { answer.setText("paused: " + reason); })
                        .onResumed(&window, [&] { answer.setText("exporting"); })
                        .onProgress(&window, [&](double part) { bar.setValue(int(100 * part)); })
                        .onComplete(&window, [&] { answer.setText(QString("%1 rows").arg(rowCount)); })
                        .onError(&window, [&](const legwork::TaskError &error) { answer.setText(error.message); })
                        .onCancelled(&window, [&] { answer.setText("cancelled"); })
                        .onEnd(&window, [&] { start.setEnabled(true); });
        // Of one that does not begin as all are paused, nothing is told.
        if (exporting.status() == legwork::Status::Paused)
            answer.setText("paused: on battery");
    });
    QObject::connect(&pause, &QPushButton::toggled, &window, [&](bool on) {
        if (on)
            exporting.pause("by you");
        else
            exporting.resume();
    });
    // It goes on once nobody wants it to rest any more.
    QObject::connect(&battery, &QCheckBox::toggled, &window, [&](bool on) {
        if (on)
            legwork::pauseAll("on battery");
        else
            legwork::resumeAll();
    });
    QObject::connect(&cancel, &QPushButton::clicked, &window, [&] { exporting.cancel(); });
    //! [submit]
    window.show();
    return application.exec();
}
