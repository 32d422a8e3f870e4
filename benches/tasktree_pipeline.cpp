// The pipeline of examples/12-pipeline with QtTaskTree, for a count of lines: see README.md, which says how to compile
// it.
#include "../examples/12-pipeline/words.h"

#include <QtTaskTree/QtTaskTree>
#include <QtWidgets/QtWidgets>

using namespace QtTaskTree;

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
    QSingleTaskTreeRunner runner;
    // Qt hands on the exception of a function in one of its own, which has another text.
    const auto done = [&answer](const auto &keep) {
        return [&answer, keep](const auto &task, DoneWith end) {
            if (end == DoneWith::Cancel)
                return;
            try {
                keep(task.result());
            } catch (const QUnhandledException &error) {
                try {
                    std::rethrow_exception(error.exception());
                } catch (const std::exception &cause) {
                    answer.setText(cause.what());
                }
            }
        };
    };
    QObject::connect(&start, &QPushButton::clicked, &window, [&] {
        const ListIterator file(files);
        const Storage<QString> text;
        const Storage<QList<QVariantMap>> counts;
        const auto read = [=](auto &task) { task.setThreadFunctionData(readText, *file); };
        const auto count = [=](auto &task) { task.setThreadFunctionData(countWords, *text); };
        const auto report = [=](auto &task) { task.setThreadFunctionData(reportOf, *counts); };
        const auto setText = [=](const QString &read) { *text = read; };
        const auto addCounts = [=](const QVariantMap &counted) { *counts += counted; };
        const auto show = [&](const QString &words) { answer.setText(words); };
        const Group each{text, QThreadFunctionTask<QString>(read, done(setText)),
                         QThreadFunctionTask<QVariantMap>(count, done(addCounts))};
        const Group recipe{counts, For(file) >> Do{parallel, each}, QThreadFunctionTask<QString>(report, done(show))};
        const auto starts = [&](QTaskTree &tree) {
            bar.setMaximum(int(tree.progressMaximum()));
            QObject::connect(&tree, &QTaskTree::progressValueChanged, &bar, &QProgressBar::setValue);
        };
        const auto ends = [&](DoneWith end) {
            if (end == DoneWith::Cancel)
                answer.setText("cancelled");
        };
        runner.start(recipe, starts, ends);
    });
    QObject::connect(&cancel, &QPushButton::clicked, &window, [&] { runner.cancel(); });
    //! [submit]
    window.show();
    return application.exec();
}
