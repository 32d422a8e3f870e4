// Plugins that are loaded, and unloaded while they work.
#ifndef LEGWORK_SOAK_CALLS_PLUGINS_H
#define LEGWORK_SOAK_CALLS_PLUGINS_H

#include "books.h"
#include "dice.h"

namespace soak {

// A receiver of the host's, which plugins call.
class Receiver : public QObject {
    Q_OBJECT

public slots:
    void enter() { }
};

class CallsPlugins {
public:
    CallsPlugins(quint64 seed, Books &books);

    void step();
    // What does not hear that it is asked to stop is let go.
    void settle();
    // Unloads all.
    void close();
    quint64 loads() const { return m_loads; }

private:
    void load(const QString &name);
    void unload(const QString &name, bool hasToGo);
    void call(const QString &name);

    Books &m_books;
    Dice m_dice;
    Receiver m_receiver;
    legwork::PluginHost m_host;
    quint64 m_loads = 0;
};

} // namespace soak

#endif
