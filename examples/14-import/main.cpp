// An import: the rows of a file are shown as they are read, and the window stays smooth; with one cancel.
#include "rows.h"

#include <legwork/legwork.h>

#include <QtWidgets/QtWidgets>

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto file = application.arguments().value(1);
    QWidget window;
    QPushButton start("Import"), cancel("Cancel");
    QLabel answer;
    answer.setTextFormat(Qt::PlainText);
    Rows model;
    QListView view;
    view.setUniformItemSizes(true);
    view.setModel(&model);
    QVBoxLayout layout(&window);
    for (auto *part : std::initializer_list<QWidget *>{&start, &cancel, &answer, &view})
        layout.addWidget(part);
    //! [submit]
    legwork::Task<void> reading;
    QObject::connect(&start, &QPushButton::clicked, &window, [&] {
        start.setEnabled(false);
        model.clear();
        const auto read = [file](legwork::Sender<Row> &rows) {
            readRows(file, [&](Row row) { return rows.send(std::move(row)); });
        };
        reading = legwork::stream<Row>(read, {.name = "Import", .owner = &window})
                      .onValues(&window, [&](const QList<Row> &rows) { model.append(rows); })
                      .onComplete(&window, [&] { answer.setText(QString("%1 rows").arg(model.rowCount())); })
                      .onError(&window, [&](const legwork::TaskError &error) { answer.setText(error.message); })
                      .onCancelled(&window, [&] { answer.setText("cancelled"); })
                      .onEnd(&window, [&] { start.setEnabled(true); });
    });
    QObject::connect(&cancel, &QPushButton::clicked, &window, [&] { reading.cancel(); });
    //! [submit]
    window.show();
    return application.exec();
}
