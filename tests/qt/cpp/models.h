// A TaskModel as a view sees it: checked by Qt's own tester, its signals counted.
#ifndef LEGWORK_TESTS_MODELS_H
#define LEGWORK_TESTS_MODELS_H

#include <QtCore/QAbstractListModel>
#include <QtCore/QPointer>
#include <QtCore/QString>
#include <QtQml/QQmlEngine>
#include <QtTest/QAbstractItemModelTester>

#include "rust/cxx.h"

#include <cstdint>
#include <memory>

namespace support {

class Probe {
public:
    // A TaskModel in QML with these properties.
    explicit Probe(const QString &properties);
    ~Probe();

    QString evaluate(const QString &script);
    QString errors() const { return m_errors; }
    bool isAlive() const { return !m_model.isNull(); }
    // Deletes the model in a slot of its signal, as C++ may.
    bool deleteIn(const QString &signal);
    // Runs a script in a slot of each of its signals about rows.
    void runInSlots(const QString &script) { m_script = script; }
    // Rows as a view has them that only followed the signals: the ids, with spaces.
    std::int32_t rowCount() const;
    std::uint64_t dataChanges() const { return m_dataChanges; }
    std::uint64_t rowsChanged() const { return m_rowsChanged; }
    std::uint64_t structureChanges() const { return m_structureChanges; }
    // The most rows that one signal told of.
    std::int32_t most() const { return m_most; }
    // What data() says to indices and roles that are none: true if nothing at all.
    bool refusesBadIndices() const;
    QString roles() const;

private:
    void note(int rows);

    QString m_errors;
    QString m_script;
    std::unique_ptr<QQmlEngine> m_engine;
    QPointer<QAbstractListModel> m_model;
    QPointer<QAbstractItemModelTester> m_tester;
    std::uint64_t m_dataChanges = 0;
    std::uint64_t m_rowsChanged = 0;
    std::uint64_t m_structureChanges = 0;
    std::int32_t m_most = 0;
};

std::unique_ptr<Probe> makeProbe(const QString &properties);
// The enumerators of TaskModel, as "All 96".
rust::Vec<rust::String> filters();
rust::Vec<rust::String> orders();
// Creates and deletes a model on another thread; its count.
QString modelOnAnotherThread();

} // namespace support

#endif
