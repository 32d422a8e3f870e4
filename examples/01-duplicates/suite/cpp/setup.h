// What the QML under test needs of the demo.
#ifndef DUPLICATES_SUITE_SETUP_H
#define DUPLICATES_SUITE_SETUP_H

#include <QtCore/QObject>
#include <QtQml/QQmlEngine>

namespace suite {

class Setup : public QObject {
    Q_OBJECT

public Q_SLOTS:
    void applicationAvailable();
    void qmlEngineAvailable(QQmlEngine *engine);
};

} // namespace suite

#endif
