// What is imported: a file with a row a line, its columns between commas. It knows nothing of tasks.
#ifndef ROWS_H
#define ROWS_H

#include <QtCore/QAbstractListModel>
#include <QtCore/QFile>
#include <QtCore/QList>
#include <QtCore/QStringList>

#include <stdexcept>

using Row = QStringList;

inline QString textOf(const Row &row) { return row.join(QStringLiteral(" · ")); }

// Reads until `take` says that it is enough.
template<typename Take> void readRows(const QString &path, Take take)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error(qPrintable(path + ": " + file.errorString()));
    while (!file.atEnd()) {
        const auto line = QString::fromUtf8(file.readLine()).trimmed();
        if (!take(line.split(QLatin1Char(','))))
            return;
    }
}

// The rows, for a view.
class Rows : public QAbstractListModel {
public:
    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(m_rows.size()); }
    QVariant data(const QModelIndex &index, int role) const override
    {
        return role == Qt::DisplayRole ? QVariant(textOf(m_rows[index.row()])) : QVariant();
    }

    void append(const QList<Row> &rows)
    {
        if (rows.isEmpty())
            return;
        beginInsertRows({}, int(m_rows.size()), int(m_rows.size() + rows.size() - 1));
        m_rows += rows;
        endInsertRows();
    }
    void clear()
    {
        beginResetModel();
        m_rows.clear();
        endResetModel();
    }

private:
    QList<Row> m_rows;
};

#endif
