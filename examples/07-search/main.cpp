// Search as you type: each letter begins a search of 200,000 lines, and stops the one before.
#include "lines.h"

#include <legwork/legwork.h>

#include <QtWidgets/QtWidgets>

//! [body]
// Runs on a worker.
static qsizetype search(const QString &text, legwork::TaskContext &context)
{
    qsizetype found = 0;
    for (const auto &line : lines()) {
        context.checkpoint(); // ends here once a newer search has come
        if (line.contains(text, Qt::CaseInsensitive))
            ++found;
    }
    return found;
}
//! [body]

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QWidget window;
    QLineEdit field;
    QLabel answer;
    answer.setTextFormat(Qt::PlainText);
    QVBoxLayout layout(&window);
    layout.addWidget(&field);
    layout.addWidget(&answer);
    //! [submit]
    QObject::connect(&field, &QLineEdit::textChanged, &window, [&](const QString &text) {
        legwork::run([text](legwork::TaskContext &context) { return search(text, context); },
                     {.name = "Search", .owner = &window, .key = "search", .keyPolicy = legwork::KeyPolicy::Replace})
            .onComplete(&window, [&answer](qsizetype found) { answer.setText(QString("%1 lines").arg(found)); });
    });
    //! [submit]
    window.show();
    return application.exec();
}
