// What is exported: many rows, into a file. It knows nothing of tasks.
#ifndef ROWS_H
#define ROWS_H

#include <QtCore/QCryptographicHash>
#include <QtCore/QSaveFile>

#include <stdexcept>

constexpr int rowCount = 1'000'000;

// Calls `step` after each row; what that throws leaves no file behind.
template<typename Step> void writeRows(const QString &path, Step step)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        throw std::runtime_error(qPrintable(path + ": " + file.errorString()));
    for (int row = 1; row <= rowCount; ++row) {
        const auto number = QByteArray::number(row);
        file.write(number + ',' + QCryptographicHash::hash(number, QCryptographicHash::Sha256).toHex() + '\n');
        step(row);
    }
    if (!file.commit())
        throw std::runtime_error(qPrintable(path + ": " + file.errorString()));
}

#endif
