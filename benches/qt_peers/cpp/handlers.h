// The floor, as a page of QML calls it.
#ifndef LEGWORK_BENCHES_HANDLERS_H
#define LEGWORK_BENCHES_HANDLERS_H

#include "rust/cxx.h"

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QVariant>
#include <QtQml/QJSValue>

#include <memory>

namespace bench {

class Peer;
struct Sender;

class FloorPage : public QObject {
    Q_OBJECT

public:
    explicit FloorPage(int workers);
    ~FloorPage() override;
    Q_DISABLE_COPY_MOVE(FloorPage)

    // Has `options.onComplete` called with the first argument.
    Q_INVOKABLE void run(const QVariantList &arguments, const QJSValue &options);

private:
    std::unique_ptr<Peer> m_peer;
    std::unique_ptr<::rust::Box<Sender>> m_sender;
    QHash<int, QJSValue> m_handlers;
};

} // namespace bench

#endif
