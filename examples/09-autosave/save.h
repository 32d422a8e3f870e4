// Writes a text to a file, all of it or nothing. It knows nothing of threads.
#ifndef SAVE_H
#define SAVE_H

#include <QtCore/QSaveFile>

#include <stdexcept>

inline void save(const QString &path, const QString &text)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text.toUtf8()) < 0 || !file.commit())
        throw std::runtime_error(file.errorString().toStdString());
}

#endif
