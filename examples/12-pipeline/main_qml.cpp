// The jobs of Main.qml.
#include "words.h"

#include <legwork/legwork.h>

#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

static QString report(const QVariantList &args)
{
    QList<QVariantMap> texts;
    const auto counts = args.value(0).toList();
    for (const auto &text : counts)
        texts += text.toMap();
    return reportOf(texts);
}

int main(int argc, char **argv)
{
    QGuiApplication application(argc, argv);
    legwork::registerJob("read", [](const QVariantList &args) { return readText(args.value(0).toString()); });
    legwork::registerJob("count", [](const QVariantList &args) { return countWords(args.value(0).toString()); });
    legwork::registerJob("report", report);
    QQmlApplicationEngine engine;
    engine.setInitialProperties({{"files", application.arguments().mid(1)}});
    engine.load(QUrl("qrc:/Main.qml"));
    return application.exec();
}
