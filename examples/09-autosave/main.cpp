// Autosave: each change is saved; while one is being written only the newest waits.
#include "save.h"

#include <legwork/legwork.h>

#include <QtWidgets/QtWidgets>

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto path = application.arguments().value(1, "notes.txt");
    QWidget window;
    QPlainTextEdit editor;
    QLabel answer;
    answer.setTextFormat(Qt::PlainText);
    QVBoxLayout layout(&window);
    layout.addWidget(&editor);
    layout.addWidget(&answer);
    int saved = 0;
    //! [submit]
    QObject::connect(&editor, &QPlainTextEdit::textChanged, &window, [&] {
        legwork::run([path, text = editor.toPlainText()] { save(path, text); },
                     {.name = "Save", .mustRun = true, .key = path, .keyPolicy = legwork::KeyPolicy::KeepLatest})
            .onComplete(&window, [&] { answer.setText(QString("saved %1 times").arg(++saved)); })
            .onError(&window, [&](const legwork::TaskError &error) { answer.setText(error.message); });
    });
    //! [submit]
    window.show();
    return application.exec();
}
