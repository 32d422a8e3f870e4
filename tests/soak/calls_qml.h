// Calls of the QML face, in an engine that is destroyed and made anew.
#ifndef LEGWORK_SOAK_CALLS_QML_H
#define LEGWORK_SOAK_CALLS_QML_H

#include "books.h"
#include "dice.h"

#include <QtQml/QQmlEngine>

#include <memory>

namespace soak {

// What Soak.qml enters its calls in.
class QmlBooks : public QObject {
    Q_OBJECT

public:
    explicit QmlBooks(Books &books) : m_books(books) { }

    Q_INVOKABLE void accepted(const QString &id) { m_books.accepted(Face::Qml, id); }
    Q_INVOKABLE void refused(const QString &why) { m_books.refused(Face::Qml, why); }

private:
    Books &m_books;
};

class CallsQml {
public:
    CallsQml(quint64 seed, Books &books);

    void step();
    void settle();
    // The engine goes, with all that is under way.
    void close();

private:
    void open();
    void call(const char *function);

    Books &m_books;
    Dice m_dice;
    QmlBooks m_entries;
    std::unique_ptr<QQmlEngine> m_engine;
    std::unique_ptr<QObject> m_root;
};

} // namespace soak

#endif
