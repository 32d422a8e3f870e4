// The job of Main.qml.
#include "lines.h"

#include <legwork/legwork.h>

#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

static int search(legwork::TaskContext &context, const QVariantList &args)
{
    const auto text = args.value(0).toString();
    int found = 0;
    for (const auto &line : lines()) {
        context.checkpoint(); // ends here once a newer search has come
        if (line.contains(text, Qt::CaseInsensitive))
            ++found;
    }
    return found;
}

int main(int argc, char **argv)
{
    QGuiApplication application(argc, argv);
    legwork::registerJob("search", search);
    QQmlApplicationEngine engine(QUrl("qrc:/Main.qml"));
    return application.exec();
}
