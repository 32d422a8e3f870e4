#include "legwork_qt_tests/models.h"

#include "legwork/src/qt/model.cxxqt.h"

#include <QtCore/QMetaEnum>
#include <QtCore/QMetaMethod>
#include <QtCore/QThread>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlContext>
#include <QtQml/QQmlExpression>

#include <algorithm>

namespace support {

namespace {

QObject *createModel(QQmlEngine &engine, const QString &properties, QString &errors)
{
    QQmlComponent component(&engine);
    const auto source = QStringLiteral("import QtQml\nimport Legwork\nTaskModel { %1 }").arg(properties);
    component.setData(source.toUtf8(), QUrl(QStringLiteral("qrc:/model.qml")));
    auto *object = component.create();
    errors = component.errorString();
    return object;
}

} // namespace

Probe::Probe(const QString &properties) : m_engine(new QQmlEngine)
{
    m_model = qobject_cast<QAbstractListModel *>(createModel(*m_engine, properties, m_errors));
    if (!m_model)
        return;
    QQmlEngine::setObjectOwnership(m_model, QQmlEngine::CppOwnership);
    // Its complaints are warnings, which fail a test.
    m_tester = new QAbstractItemModelTester(m_model, QAbstractItemModelTester::FailureReportingMode::Warning, m_model);
    const auto structure = [this](const QModelIndex &, int first, int last) {
        ++m_structureChanges;
        note(last - first + 1);
    };
    QObject::connect(m_model, &QAbstractItemModel::rowsInserted, m_model, structure);
    QObject::connect(m_model, &QAbstractItemModel::rowsRemoved, m_model, structure);
    QObject::connect(m_model, &QAbstractItemModel::dataChanged, m_model,
                     [this](const QModelIndex &first, const QModelIndex &last) {
                         ++m_dataChanges;
                         m_rowsChanged += static_cast<std::uint64_t>(last.row() - first.row() + 1);
                         note(last.row() - first.row() + 1);
                     });
}

Probe::~Probe() { delete m_model.data(); }

void Probe::note(int rows)
{
    m_most = std::max(m_most, rows);
    if (!m_script.isEmpty())
        evaluate(m_script);
}

QString Probe::evaluate(const QString &script)
{
    QQmlExpression expression(QQmlEngine::contextForObject(m_model), m_model, script);
    const auto result = expression.evaluate();
    if (expression.hasError())
        return QStringLiteral("throws ") + expression.error().description();
    return result.toString();
}

namespace {

// Deletes an object when a signal of any signature comes, without moc.
class Deleter : public QObject {
public:
    explicit Deleter(QObject *victim) : m_victim(victim) { }

    int qt_metacall(QMetaObject::Call call, int id, void **arguments) override
    {
        id = QObject::qt_metacall(call, id, arguments);
        if (call == QMetaObject::InvokeMetaMethod && id >= 0) {
            delete m_victim.data();
            deleteLater();
        }
        return id;
    }

private:
    QPointer<QObject> m_victim;
};

} // namespace

bool Probe::deleteIn(const QString &signal)
{
    const auto *meta = m_model->metaObject();
    for (int index = 0; index < meta->methodCount(); ++index) {
        const auto method = meta->method(index);
        if (method.methodType() != QMetaMethod::Signal || method.name() != signal.toLatin1())
            continue;
        auto *deleter = new Deleter(m_model);
        return QMetaObject::connect(m_model, index, deleter, deleter->metaObject()->methodCount());
    }
    return false;
}

std::int32_t Probe::rowCount() const { return m_model->rowCount(); }

bool Probe::refusesBadIndices() const
{
    const auto &model = *m_model;
    const auto index = model.index(0, 0);
    for (const int role : {-1, 1, 0x100, 0x101 + 30, 0x7fffffff}) {
        if (model.data(index, role).isValid())
            return false;
    }
    const auto past = model.index(model.rowCount(), 0);
    return index.isValid() && !past.isValid() && !model.data(past, 0x101).isValid()
        && !model.data(QModelIndex(), 0x101).isValid() && model.rowCount(index) == 0
        && model.data(index, 0x101).isValid();
}

QString Probe::roles() const
{
    const auto names = m_model->roleNames();
    QStringList texts;
    for (int role = 0x101; names.contains(role); ++role)
        texts.append(QString::fromLatin1(names.value(role)));
    return texts.size() == names.size() ? texts.join(QLatin1Char(' ')) : QStringLiteral("others");
}

std::unique_ptr<Probe> makeProbe(const QString &properties) { return std::make_unique<Probe>(properties); }

template<typename Enumeration> static rust::Vec<rust::String> enumerators()
{
    const auto enumeration = QMetaEnum::fromType<Enumeration>();
    rust::Vec<rust::String> result;
    for (int key = 0; key < enumeration.keyCount(); ++key)
        result.push_back(
            rust::String(std::string(enumeration.key(key)) + ' ' + std::to_string(enumeration.value(key))));
    return result;
}

rust::Vec<rust::String> filters() { return enumerators<legwork::TaskModelBase::Filter>(); }

rust::Vec<rust::String> orders() { return enumerators<legwork::TaskModelBase::Order>(); }

QString modelOnAnotherThread()
{
    QString result;
    std::unique_ptr<QThread> thread(QThread::create([&] {
        QQmlEngine engine;
        std::unique_ptr<QObject> model(createModel(engine, QString(), result));
        model->setProperty("limit", 5);
        model->setProperty("filter", 97);
        bool dismissed = true;
        QMetaObject::invokeMethod(model.get(), "dismiss", Q_RETURN_ARG(bool, dismissed), Q_ARG(QString, QString()));
        result += model->property("count").toString() + QLatin1Char(' ') + model->property("limit").toString();
    }));
    thread->start();
    thread->wait();
    return result;
}

} // namespace support
