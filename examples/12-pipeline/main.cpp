// A pipeline: texts are read, their words counted, and the most frequent told; with one progress and one cancel.
#include "words.h"

#include <legwork/legwork.h>

#include <QtWidgets/QtWidgets>

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto files = application.arguments().mid(1);
    QWidget window;
    QPushButton start("Count"), cancel("Cancel");
    QProgressBar bar;
    QLabel answer;
    answer.setTextFormat(Qt::PlainText);
    QVBoxLayout layout(&window);
    for (auto *part : std::initializer_list<QWidget *>{&start, &cancel, &bar, &answer})
        layout.addWidget(part);
    //! [submit]
    legwork::Task<void> whole;
    QObject::connect(&start, &QPushButton::clicked, &window, [&] {
        QList<legwork::TaskRef> steps;
        QList<legwork::Task<QVariantMap>> counts;
        for (const auto &file : files) {
            const auto text = legwork::run([file] { return readText(file); });
            counts += text.then(countWords);
            steps << text << counts.last();
        }
        const auto counted = legwork::all(counts);
        const auto report = counted.then(reportOf);
        whole = legwork::all(QList<legwork::TaskRef>{report, counted} + steps, {.name = "Count words"});
        whole.onProgress(&bar, [&](double value) { bar.setValue(qRound(100 * value)); })
            .onError(&window, [&](const legwork::TaskError &error) { answer.setText(error.message); })
            .onCancelled(&window, [&] { answer.setText("cancelled"); });
        report.onComplete(&answer, &QLabel::setText);
    });
    QObject::connect(&cancel, &QPushButton::clicked, &window, [&] { whole.cancel(); });
    //! [submit]
    window.show();
    return application.exec();
}
