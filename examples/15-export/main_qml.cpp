// The job of Main.qml.
#include "rows.h"

#include <legwork/legwork.h>

#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

//! [job]
static int writeFile(legwork::TaskContext &context, const QVariantList &args)
{
    writeRows(args.value(0).toString(), [&](int row) {
        context.setProgress(double(row) / rowCount);
        context.checkpoint(); // stops here while it is paused, and ends here once it is cancelled
    });
    return rowCount;
}
//! [job]

int main(int argc, char **argv)
{
    QGuiApplication application(argc, argv);
    legwork::registerJob("export", writeFile);
    QQmlApplicationEngine engine;
    engine.setInitialProperties({{"file", application.arguments().value(1)}});
    engine.load(QUrl("qrc:/Main.qml"));
    return application.exec();
}
